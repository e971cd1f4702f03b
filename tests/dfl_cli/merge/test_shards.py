"""`dfl merge --shard I/N`: several runs share the frames, and what they write is what a single run writes."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.journal import FILE_NAME, Journal, ShardOfMerge
from dfl_cli.shards import running as watching
from dfl_cli.shards.files import shard_files
from dfl_cli.shards.owner import this_process
from dfl_cli.shards.shard import Shard
from dfl_cli.store.lock import LOCK_NAME, FolderLock, InUse
from dfl_cli.store.shard_lock import OtherSettings, ShardLock
from gray_faces import add_face
from programs import running

FRAMES = 14
TEMPORAL = [
    "--landmark-smoothing",
    "3",
    "--motion-blur-power",
    "40",
    "--color-smoothing",
    "3",
    "--erode-mask-modifier",
    "5",
]


@pytest.fixture
def workspace(tmp_path, recorded, models):
    """A face that moves, with one frame without it; and the model."""
    frames, aligned = tmp_path / "data_dst", tmp_path / "data_dst" / "aligned"
    aligned.mkdir(parents=True)
    (tmp_path / "model").mkdir()
    shutil.copytree(models / "fresh", tmp_path / "model" / "fresh")
    for number in range(FRAMES):
        shift = np.float32([2 * number, number % 3])
        brightness = 0.8 + 0.02 * (number % 5)
        moved = np.roll(recorded.frame, shift.astype(int)[::-1], axis=(0, 1)) * brightness
        cv2.imwrite(str(frames / f"{number:02d}.png"), moved.astype(np.uint8))
        if number != 9:
            add_face(aligned / f"{number:02d}_0.jpg", recorded.landmarks + shift, f"{number:02d}.png")
    return tmp_path


def dfl_merge(workspace, *flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(["--workspace", str(workspace), *flags, "--batch", "--cpu"]))


def results(workspace):
    """name of the folder and file -> bytes, of merged pictures and masks."""
    folders = [workspace / "data_dst" / name for name in ("merged", "merged_mask")]
    return {f"{folder.name}/{path.name}": path.read_bytes() for folder in folders for path in folder.glob("[!.]*")}


def of_single_run(workspace, *flags):
    assert dfl_merge(workspace, *flags) == 0
    single = results(workspace)
    for name in ("merged", "merged_mask"):
        shutil.rmtree(workspace / "data_dst" / name)
    return single


def test_shards_make_what_a_single_run_makes_byte_for_byte(workspace, capsys):
    single = of_single_run(workspace, *TEMPORAL)
    assert len(single) == 2 * FRAMES
    for number in (3, 1, 2):
        assert dfl_merge(workspace, *TEMPORAL, "--shard", f"{number}/3") == 0
        assert f"Shard {number}/3 is done." in capsys.readouterr().out
    assert results(workspace) == single
    merged = workspace / "data_dst" / "merged"
    assert len(shard_files(merged / FILE_NAME)) == 3
    assert dfl_merge(workspace, *TEMPORAL) == 0  # finds all of it done
    assert f"{FRAMES} of {FRAMES} frames are already done" in capsys.readouterr().out
    assert [path.name for path in merged.glob(".*")] == [FILE_NAME]
    assert dfl_merge(workspace, *TEMPORAL) == 0
    assert f"{FRAMES} of {FRAMES} frames are already done" in capsys.readouterr().out
    assert results(workspace) == single


def test_two_commands_at_the_same_time_make_it_too(workspace):
    single = of_single_run(workspace, *TEMPORAL)
    line = [sys.executable, "-m", "dfl_cli.main", "merge", "--workspace", str(workspace), "--cpu", *TEMPORAL]
    with running([*line, "--shard", "1/2"]) as one, running([*line, "--shard", "2/2"]) as other:
        assert "7 frames merged" in one.communicate()[0]
        assert "6 frames merged, 1 without faces copied" in other.communicate()[0]
    assert (one.returncode, other.returncode) == (0, 0)
    assert results(workspace) == single


def test_every_frame_belongs_to_one_shard_and_parts_are_about_equal():
    frames = list(range(10))
    parts = [Shard(number, 4).block(frames) for number in range(1, 5)]
    assert [frame for part in parts for frame in part] == frames
    assert {len(part) for part in parts} == {2, 3}
    assert [len(Shard(number, 3).block([1])) for number in (1, 2, 3)] == [0, 0, 1]


@pytest.mark.parametrize("text", ["0/8", "9/8", "x", "3", "1/0", "-1/2", "1/2/3", ""])
def test_what_is_no_shard_is_wrong_usage(text, capsys):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit) as caught:
        parser.parse_args([f"--shard={text}"])
    assert caught.value.code == 2
    assert "2/8" in capsys.readouterr().err


def test_a_shard_with_other_settings_is_refused_until_it_begins_again(workspace, capsys):
    assert dfl_merge(workspace, "--shard", "1/2") == 0
    before = results(workspace)
    with pytest.raises(OtherSettings) as caught:
        dfl_merge(workspace, "--shard", "2/2", "--erode-mask-modifier", "20")
    assert "Shard 1/2 of" in str(caught.value)
    assert results(workspace) == before
    assert dfl_merge(workspace, "--shard", "2/2", "--erode-mask-modifier", "20", "--again") == 0
    assert dfl_merge(workspace, "--shard", "1/2", "--erode-mask-modifier", "20") == 0
    with pytest.raises(OtherSettings):
        dfl_merge(workspace, "--shard", "1/2")
    sharded = results(workspace)
    assert sharded == of_single_run(workspace, "--erode-mask-modifier", "20")


def test_settings_frame_by_frame_are_for_one_machine(workspace):
    with pytest.raises(UserError, match="--web cannot be used with --shard"):
        dfl_merge(workspace, "--shard", "1/2", "--web")


def test_a_retouched_frame_is_kept_as_in_a_single_run(workspace):
    assert dfl_merge(workspace, "--shard", "1/1") == 0
    retouched = workspace / "data_dst" / "merged" / "03.png"
    retouched.write_bytes(retouched.read_bytes() + b"!")
    assert dfl_merge(workspace, "--shard", "1/2", "--keep") == 0
    assert dfl_merge(workspace, "--keep") == 0
    assert retouched.read_bytes().endswith(b"!")


# locks


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "merged").mkdir()
    return tmp_path / "merged"


def test_shards_work_side_by_side_and_keep_everybody_else_out(folder):
    with ShardLock(folder, Shard(1, 2), "same"), ShardLock(folder, Shard(2, 2), "same"):
        for other in (
            ShardLock(folder, Shard(2, 2), "same"),
            ShardLock(folder, Shard(2, 3), "same"),
            FolderLock(folder),
        ):
            with pytest.raises(InUse) as caught:
                other.__enter__()
            assert caught.value.owner.pid == os.getpid()
    with FolderLock(folder), pytest.raises(InUse):
        ShardLock(folder, Shard(1, 2), "same").__enter__()
    assert list(folder.iterdir()) == []


def test_a_running_shard_with_other_settings_is_named(folder):
    with ShardLock(folder, Shard(1, 2), "these"), pytest.raises(OtherSettings) as caught:
        ShardLock(folder, Shard(2, 2), "others").__enter__()
    assert f"Shard 1/2 of {folder}" in str(caught.value)


def of_another_machine(path: Path, **note):
    path.write_text(json.dumps(vars(this_process()) | {"host": "elsewhere", "boot": "other"} | note))


def test_a_lost_shard_of_another_machine_is_taken_over_after_a_while(folder, monkeypatch, capsys):
    monkeypatch.setattr(watching, "LOST_SECONDS", 0.5)
    for lock in (ShardLock(folder, Shard(1, 2), "same"), FolderLock(folder), ShardLock(folder, Shard(1, 3), "same")):
        of_another_machine(folder / Shard(1, 2).lock_name, shard="1/2", settings="same")
        with lock:
            assert "whether a shard on another machine still runs" in capsys.readouterr().err


def test_a_shard_of_another_machine_that_touches_its_lock_is_left_alone(folder, monkeypatch):
    monkeypatch.setattr(watching, "LOST_SECONDS", 30)
    monkeypatch.setattr("dfl_cli.store.shard_lock.BEAT_SECONDS", 0.2)
    path = folder / Shard(1, 2).lock_name
    with ShardLock(folder, Shard(1, 2), "same") as held:
        held._file.truncate(0)
        of_another_machine(path, shard="1/2", settings="same")
        assert watching.first_touched([path]) == path


def test_a_folder_locked_on_another_machine_stays_so(folder):
    of_another_machine(folder / LOCK_NAME)
    with pytest.raises(InUse) as caught:
        ShardLock(folder, Shard(1, 2), "same").__enter__()
    assert caught.value.owner.host == "elsewhere"


# journals


def part(text, settings="same"):
    return ShardOfMerge(Shard(*map(int, text.split("/"))), settings)


def test_a_shard_reads_what_others_wrote_and_what_a_later_run_notes_counts(folder):
    with Journal(folder, part=part("1/2")) as first, Journal(folder, part=part("2/2")) as second:
        first.begin(["a", "b"])
        second.begin(["c"])
        second.finish("c", "digest c", {})
    with Journal(folder, part=part("1/3")) as later:
        later.begin(["a"])
        later.finish("a", "digest a", {})
    entries = Journal(folder).entries
    assert (entries["a"].digest, entries["b"].files, entries["c"].digest) == ("digest a", None, "digest c")
    with Journal(folder) as journal:
        journal.lock()
        assert journal.entries == entries
    assert Journal(folder).entries == entries
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_a_shard_that_notes_nothing_leaves_no_file(folder):
    with Journal(folder, part=part("1/2")) as journal:
        journal.lock()
    assert list(folder.iterdir()) == []


# processes

SLOW_SHARD = """
import sys, time
from pathlib import Path
import numpy as np
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.pixels.crop import ModelFace
from dfl_cli.frames import list_frames
from dfl_cli.merge.journal import Journal, ShardOfMerge
from dfl_cli.merge.resume import sort_frames
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.shards.flag import shard_given
from samplers.geometry.face_types import FaceType

class Predictor:
    face = ModelFace(32, FaceType.WHOLE)
    def predict(self, faces, *, corrected=True):
        time.sleep(0.05)
        return 1 - faces, np.ones_like(faces[..., :1]), np.ones_like(faces[..., :1])

root, shard = Path(sys.argv[1]), shard_given(sys.argv[2]) if sys.argv[2] else None
frames, target = list_frames(root / "frames"), MergeOutput(root / "merged", root / "masks")
settings = MergeSettings(**SETTINGS)
faces = {path.stem: [np.load(root / "landmarks.npy") + 2 * place] for place, path in enumerate(frames)}
merger = FrameMerger(Tracks(frames, faces), Predictor.face, lambda path: settings, target)
part = shard and ShardOfMerge(shard, merger.common_digest(settings))
with Journal(target.pictures, target.masks, part=part) as journal:
    journal.lock()
    rest = sort_frames(shard.block(frames) if shard else frames, merger, journal)
    assert not rest.foreign, rest.foreign
    print(len(rest.stale), flush=True)
    merge_frames(rest.stale, merger, Predictor(), workers=2, journal=journal, alone=not shard)
"""
LONG = 80


@pytest.fixture
def film(tmp_path, recorded, settings):
    """Frames for SLOW_SHARD; `film(shard)` is such a process."""
    for name in ("frames", "merged", "masks"):
        (tmp_path / name).mkdir()
    for number in range(LONG):
        cv2.imwrite(str(tmp_path / "frames" / f"{number:02d}.png"), np.roll(recorded.frame, number, axis=1))
    np.save(tmp_path / "landmarks.npy", recorded.landmarks)
    chosen = vars(settings(color_transfer_mode="none", landmark_smoothing=3, motion_blur_power=40))
    script = SLOW_SHARD.replace("SETTINGS", repr(chosen))
    return lambda shard="": running([sys.executable, "-c", script, str(tmp_path), shard], stderr=None)


def pictures(root):
    """name of the folder and file -> bytes."""
    found = (path for name in ("merged", "masks") for path in (root / name).glob("[!.]*"))
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in found}


def clear(root):
    for name in ("merged", "masks"):
        shutil.rmtree(root / name)
        (root / name).mkdir()


def test_two_shards_at_the_same_time_and_a_killed_one_finished_by_another_split(tmp_path, film):
    with film() as single:
        assert single.wait() == 0
    wanted = pictures(tmp_path)
    assert len(wanted) == 2 * LONG
    clear(tmp_path)

    with ExitStack() as stack:
        both = [stack.enter_context(film(f"{number}/2")) for number in (1, 2)]
        assert [int(shard.stdout.readline()) for shard in both] == [LONG // 2] * 2
    assert [shard.returncode for shard in both] == [0, 0]
    assert pictures(tmp_path) == wanted
    clear(tmp_path)

    with film("1/2") as lost:
        wait_for(lambda: len(pictures(tmp_path)) > 4)
        lost.send_signal(signal.SIGSTOP)
        with film() as ordinary:
            assert ordinary.wait() == 1  # refused while a shard is there
        lost.kill()
    assert lost.returncode == -signal.SIGKILL
    done = len(list((tmp_path / "masks").glob("[!.]*")))
    assert 0 < done < LONG // 2
    with film("1/1") as rest:
        left = int(rest.stdout.readline())
    assert LONG - done <= left <= LONG - done + 16  # those on their way are merged again
    assert pictures(tmp_path) == wanted
    with film() as final:
        assert final.stdout.readline() == "0\n"
    assert [path.name for path in (tmp_path / "merged").glob(".*")] == [FILE_NAME]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
