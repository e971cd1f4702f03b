"""`dfl merge` from its flags to its exit code."""

import argparse
import io
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from dfl_cli.classes.amp import AMP
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.frames import read_frame
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.blend import MODES
from dfl_cli.merge.pixels.filters import SHARPENERS
from dfl_cli.merge.pixels.masks.modes import PARTS
from dfl_cli.merge.report_text import reason
from dfl_cli.options.option import Ask, by_key
from dfl_cli.options.tables import merge as options
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.lock import InUse
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.terminal.console import Console
from gray_faces import add_face
from samplers.colors.transfer import MASKED_MODES
from samplers.files.dfl_pack import PACK_NAME, FaceFile, write_pack
from special_files import put_special_files


@pytest.fixture
def workspace(tmp_path, recorded, models):
    """Three frames, the first two with a face, and the model."""
    frames, aligned = tmp_path / "data_dst", tmp_path / "data_dst" / "aligned"
    aligned.mkdir(parents=True)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "fresh").symlink_to(models / "fresh")
    for number in range(3):
        cv2.imwrite(str(frames / f"{number}.png"), recorded.frame)
    for number in range(2):
        add_face(aligned / f"{number}_0.jpg", recorded.landmarks, f"{number}.png")
    return tmp_path


def dfl_merge(*flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([*map(str, flags), "--batch", "--cpu"]))


def test_a_workspace_is_merged_into_frames_and_masks(workspace, recorded, capsys):
    assert dfl_merge("--workspace", workspace) == 0
    merged, masks = workspace / "data_dst" / "merged", workspace / "data_dst" / "merged_mask"
    assert sorted(path.name for path in merged.glob("[!.]*")) == ["0.png", "1.png", "2.png"]
    assert not np.array_equal(read_frame(merged / "0.png"), recorded.frame)
    assert np.array_equal(read_frame(merged / "2.png"), recorded.frame)
    assert read_frame(masks / "1.png").any()
    said = capsys.readouterr().out
    assert "fresh, iteration 7" in said
    assert "2 frames merged, 1 without faces copied" in said


def test_a_face_deleted_beside_a_pack_is_merged_unless_files_are_preferred(workspace, capsys):
    aligned = workspace / "data_dst" / "aligned"
    write_pack(aligned / PACK_NAME, [FaceFile(aligned / f"{number}_0.jpg") for number in range(2)])
    (aligned / "1_0.jpg").unlink()
    (workspace / "data_dst" / "._0.png").write_bytes(b"x")
    assert dfl_merge("--workspace", workspace) == 0
    out, err = capsys.readouterr()
    assert "2 frames merged, 1 without faces copied" in out
    assert "1 face is only in the pack: 1_0.jpg" in err
    assert "Ignored 1 hidden or system file" in err
    assert dfl_merge("--workspace", workspace, "--prefer", "files") == 0
    capsys.readouterr()
    pictures = [read_frame(workspace / "data_dst" / name) for name in ("1.png", "merged/1.png")]
    assert np.array_equal(*pictures)  # copied again, without its face


def test_settings_come_from_flags_by_name_or_number(workspace, recorded):
    flags = ["--mode", "0", "--mask-mode", "dst", "--erode-mask-modifier", "-20", "--workers", "1"]
    assert dfl_merge("--workspace", workspace, *flags) == 0
    assert np.array_equal(read_frame(workspace / "data_dst" / "merged" / "0.png"), recorded.frame)


def test_folders_may_lie_anywhere_and_masks_may_be_left_out(workspace, tmp_path):
    frames, out = workspace / "data_dst", tmp_path / "out" / "pictures"
    folders = ["--input-dir", frames, "--aligned-dir", frames / "aligned", "--model-dir", workspace / "model"]
    assert dfl_merge(*folders, "--output-dir", out) == 0
    assert len(list(out.glob("[!.]*"))) == 3
    assert not (frames / "merged").exists()


def test_a_broken_frame_is_named_and_ends_with_exit_code_1(workspace, capsys):
    (workspace / "data_dst" / "1.png").write_bytes(b"no picture")
    assert dfl_merge("--workspace", workspace) == 1
    said = capsys.readouterr().err
    assert "1 frame could not be merged" in said
    assert "1.png: not a readable image" in said


@pytest.mark.parametrize(("share", "reason"), [(0, "the file is empty"), (0.5, "the file is truncated")])
def test_a_frame_that_is_cut_short_is_reported_as_such(workspace, capsys, share, reason):
    path = workspace / "data_dst" / "1.png"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert dfl_merge("--workspace", workspace) == 1
    assert f"1.png: {reason}" in capsys.readouterr().err


def test_a_frame_that_cannot_be_opened_says_why(tmp_path):
    with pytest.raises(OSError) as refused:
        read_frame(tmp_path)
    assert reason(refused.value) == "cannot be read: Is a directory"


def test_two_faces_in_a_frame_are_said(workspace, recorded, capsys):
    add_face(workspace / "data_dst" / "aligned" / "0_1.jpg", recorded.two_faces[1], "0.png")
    assert dfl_merge("--workspace", workspace) == 0
    assert "Several faces in 0" in capsys.readouterr().err


def test_the_same_command_again_does_only_what_is_left(workspace, recorded, capsys):
    assert dfl_merge("--workspace", workspace) == 0
    assert dfl_merge("--workspace", workspace) == 0
    assert "Nothing to do" in capsys.readouterr().out
    (workspace / "data_dst" / "merged" / "1.png").unlink()
    (workspace / "data_dst" / "aligned" / "0_0.jpg").unlink()
    assert dfl_merge("--workspace", workspace) == 0
    said = capsys.readouterr().out
    assert "1 of 3 frames are already done" in said
    assert "1 frame merged, 1 without faces copied" in said
    assert np.array_equal(read_frame(workspace / "data_dst" / "merged" / "0.png"), recorded.frame)
    assert dfl_merge("--workspace", workspace, "--again") == 0
    assert "1 frame merged, 2 without faces copied" in capsys.readouterr().out


@pytest.mark.soak
def test_killed_interrupted_and_resumed_it_writes_the_same_bytes_as_in_one_go(workspace, recorded, tmp_path):
    for number in range(3, 150):
        cv2.imwrite(str(workspace / "data_dst" / f"{number}.png"), np.roll(recorded.frame, number, axis=2))
        add_face(workspace / "data_dst" / "aligned" / f"{number}_0.jpg", recorded.landmarks, f"{number}.png")

    def start(name):
        flags = ["--workspace", workspace, "--output", tmp_path / name, "--output-mask", tmp_path / f"{name}_mask"]
        command = [
            sys.executable,
            "-m",
            "dfl_cli.main",
            "merge",
            *flags,
            "--batch",
            "--cpu",
            "--color-transfer-mode",
            "idt",
        ]
        with (tmp_path / "said").open("w") as said:
            return subprocess.Popen(command, stdout=said)

    def wait_for_results(process, count):
        while process.poll() is None and len(list((tmp_path / "broken").glob("[!.]*"))) < count:
            time.sleep(0.01)

    first = start("broken")
    wait_for_results(first, 20)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    done = len(list((tmp_path / "broken").glob("[!.]*")))
    second = start("broken")
    wait_for_results(second, done + 20)
    second.send_signal(signal.SIGINT)
    assert second.wait() == 130
    assert "Run the same command again to merge the remaining frames." in (tmp_path / "said").read_text()
    assert start("broken").wait() == 0
    assert start("whole").wait() == 0
    for folder in ("", "_mask"):
        broken, whole = (
            {path.name: path.read_bytes() for path in (tmp_path / f"{name}{folder}").glob("[!.]*")}
            for name in ("broken", "whole")
        )
        assert len(whole) == 150
        assert broken == whole


def test_more_training_makes_all_frames_stale(workspace, models, capsys):
    assert dfl_merge("--workspace", workspace) == 0
    (workspace / "model" / "fresh").unlink()
    shutil.copytree(models / "fresh", workspace / "model" / "fresh")
    assert dfl_merge("--workspace", workspace) == 0
    assert "Nothing to do" in capsys.readouterr().out  # a copy is the same model
    model_dir = ModelDir(workspace / "model" / "fresh")
    generation = model_dir.newest()[0]
    state = generation.state() | {"iteration": 8}
    model_dir.save(state, {"weights.safetensors": lambda path: shutil.copy(generation.weights_file, path)})
    assert dfl_merge("--workspace", workspace) == 0
    assert "2 frames merged" in capsys.readouterr().out


def test_pictures_of_others_are_not_overwritten_unless_it_is_wanted(workspace, capsys):
    mine = workspace / "data_dst" / "merged" / "1.png"
    mine.parent.mkdir()
    mine.write_bytes(b"my own work")
    (mine.parent / "poster.jpg").write_bytes(b"")
    with pytest.raises(UserError, match="not written by dfl") as error:
        dfl_merge("--workspace", workspace)
    assert "1 file" in error.value.saw
    assert "1.png" in error.value.saw
    assert [path.name for path in mine.parent.glob("*.png")] == ["1.png"]
    with pytest.raises(UserError, match="not written by dfl"):
        dfl_merge("--workspace", workspace, "--web")
    assert dfl_merge("--workspace", workspace, "--keep") == 0
    assert mine.read_bytes() == b"my own work"
    assert "1 file in" in capsys.readouterr().err  # the poster
    assert dfl_merge("--workspace", workspace, "--overwrite") == 0
    assert read_frame(mine) is not None


def test_merged_frames_on_a_disk_that_is_not_connected_are_never_replaced(workspace, tmp_path):
    link = workspace / "data_dst" / "merged" / "1.png"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "unplugged" / "1.png")
    with pytest.raises(UserError, match="not written by dfl"):
        dfl_merge("--workspace", workspace)
    with pytest.raises(UserError, match="target is missing"):
        dfl_merge("--workspace", workspace, "--overwrite")
    assert not list((workspace / "data_dst").glob("merged/0.png"))
    assert link.is_symlink() and not (tmp_path / "unplugged").exists()
    assert dfl_merge("--workspace", workspace, "--keep") == 0
    assert link.is_symlink()


def test_settings_never_replace_another_file_unasked(workspace, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("years of work")
    with pytest.raises(UserError, match="already exists"):
        dfl_merge("--workspace", workspace, "--save-settings", file)
    assert file.read_text() == "years of work" and not list((workspace / "data_dst").glob("merged/*.png"))


def test_settings_are_written_to_a_file_and_read_from_it_and_flags_win(workspace, tmp_path):
    file = tmp_path / "merge.toml"
    assert dfl_merge("--workspace", workspace, "--mode", "original", "--mask-mode", "dst", "--save-settings", file) == 0
    text = file.read_text()
    assert 'mode = "original"\n' in text
    assert "# Choose mask mode" in text
    merged = workspace / "data_dst" / "merged" / "0.png"
    before = merged.read_bytes()
    assert dfl_merge("--workspace", workspace, "--settings", file, "--again") == 0
    assert merged.read_bytes() == before
    assert dfl_merge("--workspace", workspace, "--settings", file, "--mode", "overlay") == 0
    assert merged.read_bytes() != before


def test_a_settings_file_with_an_unknown_key_is_refused(workspace, tmp_path):
    (tmp_path / "merge.toml").write_text("erode = 3\n")
    with pytest.raises(UserError, match="no option erode"):
        dfl_merge("--workspace", workspace, "--settings", tmp_path / "merge.toml")


def test_an_unknown_model_lists_what_there_is(workspace):
    with pytest.raises(UserError, match="nobody") as error:
        dfl_merge("--workspace", workspace, "--name", "nobody")
    assert "fresh" in error.value.saw


def test_a_port_that_is_taken_is_said_before_anything_is_served(workspace):
    pytest.importorskip("nicegui", reason="the page's library is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="Cannot serve the page"):
        dfl_merge("--workspace", workspace, "--web", "--port", taken.getsockname()[1])
    assert (workspace / "data_dst" / "merged" / ".dfl-merge-session.json").is_file()


def test_one_session_has_the_output_folder_for_itself(workspace):
    pytest.importorskip("nicegui", reason="the page's library is not installed")
    (workspace / "data_dst" / "merged").mkdir()
    with Journal(workspace / "data_dst" / "merged") as journal:
        journal.lock()
        with pytest.raises(InUse):
            dfl_merge("--workspace", workspace, "--web")


def test_a_batch_says_that_a_session_has_other_settings(workspace, capsys):
    pytest.importorskip("nicegui", reason="the page's library is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError):
        dfl_merge("--workspace", workspace, "--web", "--port", taken.getsockname()[1], "--erode-mask-modifier", 7)
    dfl_merge("--workspace", workspace, "--erode-mask-modifier", 7)
    assert "saved session" not in capsys.readouterr().err
    dfl_merge("--workspace", workspace)
    assert "1 frame has its own settings in the saved session" in capsys.readouterr().err


def test_frames_are_never_overwritten(workspace):
    with pytest.raises(UserError, match="three different folders"):
        dfl_merge("--workspace", workspace, "--output", workspace / "data_dst")
    with pytest.raises(UserError, match="three different folders"):
        dfl_merge("--workspace", workspace, "--output", workspace / "x", "--output-mask", workspace / "x")


def test_a_folder_without_pictures_is_said(workspace, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="No images"):
        dfl_merge("--workspace", workspace, "--frames", tmp_path / "empty")


def test_faces_of_another_film_are_refused(workspace):
    for path in (workspace / "data_dst").glob("?.png"):
        path.rename(path.with_name(f"other{path.name}"))
    with pytest.raises(UserError, match="None of the faces") as error:
        dfl_merge("--workspace", workspace)
    assert "other0" in error.value.saw


def test_a_missing_folder_names_its_flag(workspace):
    with pytest.raises(UserError, match="--aligned"):
        dfl_merge("--workspace", workspace, "--aligned", workspace / "nowhere")


ASKED = (
    "mode", "mask_mode", "erode_mask_modifier", "blur_mask_modifier", "motion_blur_power", "output_face_scale",
    "color_transfer_mode", "sharpen_mode", "image_denoise_power", "bicubic_degrade_power", "color_degrade_power",
)  # fmt: skip


def test_the_questions_come_in_the_order_of_the_spec_and_take_numbers(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n\n500\n20\n\n7\nnone\n\n3\n\n\n1\n"))
    answers = ask_table(options.MERGE, console=Console())
    expected = ["overlay", "learned-prd*learned-dst", 400, 20, 0, 7, "none", "none", 3, 0, 0]
    assert [answers[key] for key in ASKED] == expected
    asked = capsys.readouterr().out
    assert "(4) learned-prd*learned-dst\n" in asked
    assert "[0] Choose erode mask modifier ( -400..400 ?:help ) : 500 is above 400: using 400" in asked
    assert (
        "[rct] Color transfer to predicted face ( none/rct/lct/mkl/mkl-m/idt/idt-m/sot-m/mix-m ?:help ) : none" in asked
    )


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        ("hist-match", {*ASKED, "masked_hist_match", "hist_match_threshold"}),
        ("seamless-hist-match", {*ASKED, "hist_match_threshold"}),
        ("raw-predict", {"mode", "mask_mode", "output_face_scale"}),
    ],
)
def test_only_what_the_mode_uses_is_asked(mode, asked):
    answers = {"mode": mode, "sharpen_mode": "none", "super_resolution_model": ""}
    applies = {option.key for option in options.MERGE if option.ask is not Ask.NEVER and option.when(answers)}
    assert applies - {"workers"} == asked


def test_every_numbered_choice_takes_its_number_and_its_name():
    for key in ("mode", "mask_mode", "sharpen_mode"):
        kind = by_key(options.MERGE)[key].kind
        for number, word in enumerate(kind.choices):
            assert kind.read(str(number)) == kind.read(word.upper()) == word


def test_only_amp_asks_for_the_morph_factor_and_asks_it_first(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("1.5\n"))
    answers = ask_table(AMP.merge_table, console=Console())
    assert list(answers)[:2] == ["merge_morph_factor", "mode"]
    assert answers["merge_morph_factor"] == 1.0
    assert "[1.0] Morph factor ( 0.0 .. 1.0 ?:help ) : 1.5 is above 1.0: using 1.0" in capsys.readouterr().out
    assert "merge_morph_factor" not in by_key(SAEHD.merge_table)


def test_the_morph_factor_is_refused_for_a_model_that_has_none(workspace):
    with pytest.raises(UserError, match="no option merge_morph_factor"):
        dfl_merge("--workspace", workspace, "--morph-factor", "0.5")


def test_an_amp_model_merges_as_far_as_the_morph_factor_says(workspace, recorded, tmp_path):
    save_amp_model(workspace / "model" / "morph")
    pictures = []
    for morph in ("0", "0.5", "1"):
        folders = [
            "--workspace",
            workspace,
            "--name",
            "morph",
            "--output",
            tmp_path / morph,
            "--output-mask",
            tmp_path / f"{morph}m",
        ]
        assert dfl_merge(*folders, "--morph-factor", morph, "--mask-mode", "full", "--color-transfer-mode", "none") == 0
        pictures.append(read_frame(tmp_path / morph / "0.png").astype(int))
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


def save_amp_model(folder) -> None:
    """Of noise, so that every morph value paints something else."""
    from models.weights import save

    dims = {"resolution": 64, "ae_dims": 32, "inter_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16}
    answers = ask_table(AMP.table, given=dims, ask_now=False)
    weights = AMP.network.build(answers, seed=1).weights()
    rng = np.random.default_rng(1)
    weights = {key: array + rng.normal(0, 0.05, array.shape).astype(np.float32) for key, array in weights.items()}
    model_dir = ModelDir(folder)
    model_dir.create("AMP", dims)
    state = {"model_class": "AMP", "iteration": 7, "seed": 1, "options": answers}
    model_dir.save(state, {"weights.safetensors": lambda path: save(path, weights)})


def test_every_choice_that_is_asked_for_works():
    assert (*MODES, "raw-predict") == options.MODES
    assert {part for mode in options.MASK_MODES for part in re.split(r"[*+]", mode)} == set(PARTS)
    assert tuple(SHARPENERS) == options.SHARPEN_MODES
    assert ("none", *MASKED_MODES) == options.COLOR_TRANSFERS


def test_special_files_among_frames_and_faces_are_reported_and_the_rest_is_merged(workspace, capsys):
    frames = workspace / "data_dst"
    put_special_files(frames, ".png")
    put_special_files(frames / "aligned", ".jpg")
    assert dfl_merge("--workspace", workspace) == 1
    said = "".join(capsys.readouterr())
    assert "fifo.png" in said and "a pipe (FIFO), not a file" in said and "fifo.jpg" in said
    assert len(list((frames / "merged").glob("[0-9].png"))) == 3
