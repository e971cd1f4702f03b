"""Merging with the masks of an XSeg model: which one, what is reported, and what a changed one renders again."""

import argparse
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dfl_cli.classes.xseg import XSEG
from dfl_cli.errors import UserError
from dfl_cli.frames import read_frame
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.masks.stored import StoredMask
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.resume import sort_frames
from dfl_cli.merge.watch.renderer import FrameRenderer, LockedMasks
from dfl_cli.merge.xseg_choice import choose_xseg
from dfl_cli.store.model_dir import ModelDir
from samplers.files.dfl_image import write_face_info
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType

NOTHING = -99.0  # bias of the last layer: nowhere is face
OPTIONS = {"face_type": "wf", "pretrain": False}


class Everywhere:
    """An XSeg network that calls everything face, and counts."""

    name, face_type = "everywhere", FaceType.FULL

    def __init__(self, fingerprint="1"):
        self.fingerprint, self.seen = fingerprint, 0

    def masks(self, pictures):
        self.seen += len(pictures)
        return np.ones((*pictures.shape[:3], 1), np.float32)


@pytest.fixture
def film(tmp_path, recorded):
    """Frames 0 to 3: a face with a mask, one without, one with a damaged mask, no face; `merge` merges what is stale."""
    frames, aligned = tmp_path / "data_dst", tmp_path / "data_dst" / "aligned"
    aligned.mkdir(parents=True)
    for number in range(4):
        cv2.imwrite(str(frames / f"{number}.png"), np.roll(recorded.frame, number, axis=2))
    white = cv2.imencode(".png", np.full((16, 16), 255, np.uint8))[1]
    masks = [white, None, np.frombuffer(b"\x89PNG\r\n\x1a\n cut short", np.uint8)]
    for number, mask in enumerate(masks):
        cv2.imwrite(str(aligned / f"{number}.jpg"), np.full((64, 64, 3), 128, np.uint8))
        known = {"face_type": "whole_face", "landmarks": (recorded.landmarks / 3).tolist()}
        known |= {"source_landmarks": recorded.landmarks.tolist(), "source_filename": f"{number}.png"}
        write_face_info(aligned / f"{number}.jpg", known | ({} if mask is None else {"xseg_mask": mask}))
    target = MergeOutput(tmp_path / "merged", None)
    target.pictures.mkdir()

    def merger(xseg, settings):
        paths = sorted(frames.glob("*.png"))
        faces = {face.name[0]: face for face in open_faceset(aligned)}
        masks = {stem: [StoredMask(face, recorded.landmarks)] for stem, face in faces.items()}
        tracks = Tracks(paths, {stem: [recorded.landmarks] for stem in masks})
        return FrameMerger(tracks, recorded.predictor.face, lambda path: settings, target, xseg=xseg, masks=masks)

    def merge(xseg, settings):
        """Stems of what was merged, and the report."""
        one = merger(xseg, settings)
        with Journal(target.pictures) as journal:
            stale = sort_frames(one.tracks.frames, one, journal).stale
            report = merge_frames(stale, one, recorded.predictor, workers=2, journal=journal)
        return [path.stem for path in stale], report

    return SimpleNamespace(root=tmp_path, frames=frames, merger=merger, merge=merge)


def test_a_changed_network_merges_again_what_it_has_painted(film, settings):
    """Not frame 0, whose face carries a mask, nor frame 2, which carries a damaged one, nor frame 3, without a face."""
    wanted = settings(mask_mode="XSeg-dst")
    assert film.merge(Everywhere(), wanted)[0] == ["0", "1", "2", "3"]
    assert film.merge(Everywhere(), wanted)[0] == []
    assert film.merge(Everywhere("2"), wanted)[0] == ["1"]
    assert film.merge(None, wanted)[0] == ["1"]  # the model is gone: the learned mask
    assert film.merge(None, replace(wanted, xseg_on_frames=True))[0] == []  # nothing to run
    assert film.merge(Everywhere("2"), replace(wanted, xseg_on_frames=True))[0] == ["0", "1", "2"]
    assert film.merge(Everywhere("3"), replace(wanted, mask_mode="XSeg-prd"))[0] == ["0", "1", "2", "3"]
    assert film.merge(Everywhere("4"), replace(wanted, mask_mode="XSeg-prd"))[0] == ["0", "1", "2"]
    assert film.merge(Everywhere("4"), replace(wanted, mask_mode="dst"))[0] == ["0", "1", "2", "3"]
    assert film.merge(Everywhere("5"), replace(wanted, mask_mode="dst"))[0] == []


def test_what_is_painted_is_counted_and_named(film, settings):
    network = Everywhere()
    _, report = film.merge(network, settings(mask_mode="XSeg-dst"))
    assert report.named == {note: {"2.jpg"} for note in report.notes}
    assert [note.text(count) for note, count in report.notes.items()] == [
        "1 face has a damaged XSeg mask: used the XSeg model for XSeg-dst."
    ]
    assert network.seen == 8  # two faces in a batch of eight


def test_what_is_shown_is_what_a_batch_writes(film, recorded, settings):
    network = LockedMasks(Everywhere())
    renderer = FrameRenderer(film.merger(network, settings()), recorded.predictor)
    for changes in (
        {"mask_mode": "XSeg-dst"},
        {"mask_mode": "XSeg-dst", "xseg_on_frames": True},
        {"mask_mode": "XSeg-prd"},
    ):
        wanted = settings(**changes)
        film.merge(network, wanted)
        for number in range(4):
            shown = renderer.render(film.frames / f"{number}.png", wanted)
            assert np.array_equal(shown.picture, read_frame(film.root / "merged" / f"{number}.png")), (changes, number)
    asked = network.network.seen
    renderer.render(film.frames / "1.png", settings(mask_mode="XSeg-prd", erode_mask_modifier=5))
    assert network.network.seen == asked  # its masks are kept with the frame


def save_xseg(folder, bias):
    """A network that says the same of every pixel."""
    from models.weights import save

    (part,) = XSEG.network.layout(OPTIONS).parts
    weights = {f"{part.name}/{key}": np.zeros(shape, np.float32) for key, shape in part.tensors.items()}
    weights[f"{part.name}/out_conv/bias"] += bias
    weights |= {name: value + 1e-6 for name, value in weights.items() if name.endswith("/eps")}
    model_dir = ModelDir(folder)
    model_dir.create("XSeg", OPTIONS)
    state = {"model_class": "XSeg", "iteration": 5, "seed": 1, "options": OPTIONS}
    model_dir.save(state, {"weights.safetensors": lambda path: save(path, weights)})


def dfl_merge(root, *flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(
        parser.parse_args(["--workspace", str(root), *flags, "--batch", "--cpu", "--mask-mode", "XSeg-prd*XSeg-dst"])
    )


def test_the_xseg_model_in_the_models_folder_paints(film, models, capsys):
    (film.root / "model").mkdir()
    (film.root / "model" / "fresh").symlink_to(models / "fresh")
    save_xseg(film.root / "model" / "hands", NOTHING)
    assert dfl_merge(film.root) == 0
    said = capsys.readouterr()
    assert "XSeg masks by hands, iteration 5." in said.out
    assert "3 swapped faces are invisible" in said.err
    assert "1 face has a damaged XSeg mask: used the XSeg model for XSeg-dst. (2.jpg)" in said.err
    merged = film.frames / "merged"
    assert np.array_equal(read_frame(merged / "1.png"), read_frame(film.frames / "1.png"))

    with pytest.raises(UserError, match="--xseg-name") as caught:
        dfl_merge(film.root, "--xseg-name", "glasses")
    assert "no XSeg model called glasses" in str(caught.value) and ": hands" in str(caught.value)
    assert dfl_merge(film.root, "--xseg-name", "hands") == 0
    assert "all frames are up to date" in capsys.readouterr().out


def test_a_damaged_xseg_model_matters_to_who_needs_it(film, models, settings, capsys):
    (film.root / "hands").mkdir()
    save_xseg(film.root / "hands", NOTHING)
    (weights,) = (film.root / "hands").rglob("weights.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])
    without, needed = settings(mask_mode="dst"), settings(mask_mode="XSeg-dst")
    assert choose_xseg(film.root, None, without, watched=False) is None
    assert capsys.readouterr().err == ""
    assert choose_xseg(film.root, None, without, watched=True) is None
    assert "Model hands has no intact save." in capsys.readouterr().err
    with pytest.raises(UserError, match="no intact save"):
        choose_xseg(film.root, None, needed, watched=True)
    assert choose_xseg(film.frames, None, needed, watched=False) is None
