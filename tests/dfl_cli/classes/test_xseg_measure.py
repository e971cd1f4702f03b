"""Of many labeled faces some are held out, and the masks are measured on them."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.classes.xseg import XSEG
from dfl_cli.classes.xseg_measure import agreement
from dfl_cli.options.wizard import ask_table
from samplers.files.faces import open_faceset
from samplers.xseg.held_out import split_labeled
from samplers.xseg.labeled_face import prepare_labeled


class Faceset(list):
    folder = "faces"


class Answering:
    """A model that paints the picture's own label where it has seen it, else nothing."""

    def __init__(self, known):
        self.known = {label.image.tobytes(): label.mask for label in known}

    def view(self, pictures):
        nothing = np.zeros((256, 256, 1), np.float32)
        return {"mask": np.stack([self.known.get(picture.tobytes(), nothing) for picture in pictures])}

    def averaged(self):
        return nullcontext()


@pytest.fixture(scope="module")
def faces(fixtures):
    """24 labeled faces of one clip, and one without a label."""
    found = {face.name: face for face in open_faceset(fixtures / "xseg" / "faces", keeps_index=False)}
    clip = [replace(found["00001_0.jpg"], source_filename=f"{frame:05d}.png") for frame in range(0, 24 * 50, 50)]
    return {"src": Faceset([*clip, replace(found["00004_0.jpg"], polygons=())])}


@pytest.fixture(scope="module")
def options():
    return XSEG.with_fixed(ask_table(XSEG.table, given={"batch_size": 2}, ask_now=False))


def first_batch(faces, options):
    with XSEG.open_feed(faces, options, seed=3, start=0) as feed:
        return feed.batches.labeled, next(feed)


def test_it_is_reported_how_many_are_held_out(faces, options):
    parted = split_labeled(faces.values(), 10)
    held = len(parted.held_out)
    assert XSEG.remarks(faces, options) == [
        "24 labeled faces of 25.",
        f"{held} labeled faces are held out to measure the masks; {24 - held} are trained on.",
    ]
    assert XSEG.remarks(faces, {**options, "held_out": 0.0}) == ["24 labeled faces of 25."]


def test_what_is_held_out_is_not_trained_on(faces, options):
    training = split_labeled(faces.values(), options["held_out"]).training
    count, batch = first_batch(faces, options)
    assert count == len(training) < 24
    same_count, same = first_batch({"src": Faceset(training)}, {**options, "held_out": 0.0})
    assert same_count == count
    np.testing.assert_array_equal(batch.picture, same.picture)


def test_without_any_held_out_all_are_trained_on_and_nothing_is_measured(faces, options):
    few = {"src": Faceset(faces["src"][:5])}
    for sets, percent in ((faces, 0.0), (few, 10.0)):
        assert XSEG.open_measure(sets, {**options, "held_out": percent}) is None
    assert first_batch(few, options)[0] == 5
    assert first_batch(faces, {**options, "held_out": 0.0})[0] == 24


def test_pretraining_holds_nothing_out(faces, options):
    pretraining = {**options, "pretrain": True}
    assert XSEG.open_measure(faces, pretraining) is None
    assert XSEG.remarks(faces, pretraining) == []


def test_a_face_is_worth_the_agreement_of_its_mask(faces, options):
    parted = split_labeled(faces.values(), options["held_out"])
    measure = XSEG.open_measure(faces, options)
    assert (measure.name, measure.examples) == ("IoU", len(parted.training))
    label = prepare_labeled(parted.held_out[0], 256, parted.held_out[0].face_type)
    perfect = measure.values(Answering([prepare_labeled(face, 256, face.face_type) for face in parted.held_out]))
    assert len(perfect) == len(parted.held_out)
    assert set(perfect.values()) == {1.0}
    assert set(measure.values(Answering([])).values()) == {0.0}
    assert 0 < label.mask.mean() < 1


def test_agreement_is_intersection_over_union():
    left, right = np.zeros((2, 4, 4, 1), np.float32)
    left[:, :3] = 1
    right[:, 1:] = 1
    assert agreement(left, right) == 0.5
    assert agreement(left * 0, right * 0) == 1
