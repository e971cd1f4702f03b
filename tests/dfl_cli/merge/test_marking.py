"""Which results of a merge say that they are composed with a trained model."""

import argparse
import re

import cv2
import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.frames import list_frames, read_frame
from dfl_cli.main import main
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.claim import COMPOSITE, Claim, read_packet
from dfl_cli.provenance.file_metadata import search
from dfl_cli.provenance.marking import Marking, add_marking_flags, marking_for
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model

CLAIM = Claim(COMPOSITE, "dfl 0", "SAEHD hero", "iteration 5")


@pytest.fixture
def merged(tmp_path, recorded, settings):
    """Merges 0 to 3 into a folder: 2 has no face and 3 is no picture. Gives that folder."""
    (tmp_path / "frames").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), recorded.frame)
    (tmp_path / "frames" / "3.png").write_bytes(b"half a picture")
    frames = list_frames(tmp_path / "frames")
    tracks = Tracks(frames, {stem: [recorded.landmarks] for stem in "013"})

    def run(name, marking, **changes):
        target = MergeOutput(tmp_path / name, tmp_path / f"{name}_mask", marking)
        target.pictures.mkdir()
        target.masks.mkdir()
        usual = settings(color_transfer_mode="none", **changes)
        merge_frames(
            frames, FrameMerger(tracks, recorded.predictor.face, lambda path: usual, target), recorded.predictor, workers=2
        )  # fmt: skip
        return target.pictures

    return run


def speaking(folder):
    return {path.name for path in folder.iterdir() if search(path).packet}


def test_swapped_pictures_say_so_and_no_others(merged, tmp_path):
    folder = merged("merged", Marking(CLAIM))
    assert speaking(folder) == {"0.png", "1.png"}
    assert read_packet(search(folder / "0.png").packet) == CLAIM
    assert not speaking(tmp_path / "merged_mask")


def test_what_they_say_changes_no_pixel_and_is_the_same_each_time(merged):
    marked, again, plain = merged("a", Marking(CLAIM)), merged("b", Marking(CLAIM)), merged("c", None)
    assert np.array_equal(read_frame(marked / "0.png"), read_frame(plain / "0.png"))
    assert (marked / "0.png").read_bytes() == (again / "0.png").read_bytes()
    assert not speaking(plain)


def test_frames_that_are_left_as_they_are_claim_nothing(merged):
    assert not speaking(merged("original", Marking(CLAIM), mode="original"))


@pytest.fixture
def saved(tmp_path):
    """A model of which only the save exists."""
    model_dir = ModelDir(tmp_path / "models" / "hero")
    model_dir.create("SAEHD", {})
    state = {"model_class": "SAEHD", "iteration": 7, "seed": 1, "options": ask_table(SAEHD.table, ask_now=False)}
    model_dir.save(state, {"weights.safetensors": lambda path: path.write_bytes(b"weights")})
    return open_model(model_dir)


def given(*flags):
    parser = argparse.ArgumentParser()
    add_marking_flags(parser)
    return parser.parse_args(flags)


def test_the_claim_names_the_model_and_its_iteration(saved):
    marking = marking_for(given(), saved)
    assert marking.claim.system == "SAEHD hero"
    assert re.fullmatch("iteration 7, weights sha256 [0-9a-f]{64}", marking.claim.system_version)
    assert marking.claim.software.startswith("dfl ")


def test_no_metadata_leaves_it_out_and_says_what_that_means(saved, capsys):
    assert marking_for(given("--no-metadata"), saved) is None
    assert main(["merge", "--help-all"]) == 0
    assert "then cannot tell" in " ".join(capsys.readouterr().out.split())


def test_leaving_out_and_signing_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        given("--no-metadata", "--sign", "a", "b")
