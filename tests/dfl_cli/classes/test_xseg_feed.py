"""What an XSeg model learns from: labeled faces of src and dst together."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dfl_cli.classes.xseg import XSEG
from dfl_cli.errors import UserError
from dfl_cli.options.wizard import ask_table
from samplers.files.faces import open_faceset

LABELED = ["xseg/faces/00001_0.jpg", "xseg/faces/00002_0.jpg"]
UNLABELED, MASKED = ["formats/00000_0.jpg"], ["xseg/faces/00010_0.jpg"]


@pytest.fixture
def faceset(fixtures, tmp_path):
    """`faceset(folder, names)`"""

    def made(folder: str, names: list[str]):
        (tmp_path / folder).mkdir()
        for name in names:
            shutil.copy(fixtures / name, tmp_path / folder)
        return open_faceset(tmp_path / folder)

    return made


@pytest.fixture
def options():
    return XSEG.with_fixed(ask_table(XSEG.table, given={"batch_size": 3}, ask_now=False))


def batches(faces, options, *, start: int, count: int) -> list:
    with XSEG.open_feed(faces, options, seed=3, start=start) as feed:
        return [next(feed) for _ in range(count)]


@pytest.mark.parametrize("pretrain", [False, True])
def test_batches_are_the_same_wherever_a_session_starts(faceset, options, pretrain):
    faces, options = {"src": faceset("src", LABELED + UNLABELED)}, {**options, "pretrain": pretrain}
    first, second = batches(faces, options, start=0, count=2)
    (again,) = batches(faces, options, start=1, count=1)
    assert [array.shape for array in first] == [(3, 256, 256, 3), (3, 256, 256, 1)]
    for now, before, other in zip(again, second, first, strict=True):
        np.testing.assert_array_equal(now, before)
        assert not np.array_equal(now, other)
    assert set(np.unique(first.mask)) == {0, 1} or pretrain


def test_an_iteration_of_several_batches_takes_the_faces_of_all(faceset, options):
    (batch,) = batches({"dst": faceset("dst", LABELED)}, {**options, "accumulate_steps": 2}, start=0, count=1)
    assert len(batch.picture) == 6


def test_labels_are_counted_over_both_sets(faceset, options):
    src, dst = faceset("src", LABELED + UNLABELED), faceset("dst", UNLABELED + MASKED)
    assert XSEG.remarks({"src": src, "dst": dst}, options) == ["2 labeled faces of 5."]
    assert XSEG.remarks({"src": src, "dst": src}, options) == ["2 labeled faces of 3."]
    assert XSEG.remarks({"dst": dst}, options) == ["No face is labeled: 1 face of 2 with an XSeg mask is used instead."]


def test_without_labels_there_is_nothing_to_learn_but_in_pretraining(faceset, options):
    faces = {"src": faceset("src", UNLABELED)}
    with pytest.raises(UserError, match="No face has XSeg labels") as raised:
        XSEG.remarks(faces, options)
    assert f"dfl xseg edit {faces['src'].folder}" in str(raised.value)
    assert XSEG.remarks(faces, {**options, "pretrain": True}) == []


def test_previews_show_other_faces_of_each_set_the_same_ones_for_a_seed(faceset, options):
    faces = {"src": faceset("src", LABELED + UNLABELED + MASKED), "dst": faceset("dst", UNLABELED)}
    one, again, other = (XSEG.fixed_batch(faces, options, seed=seed).examples for seed in (1, 1, 2))
    assert {name: len(pictures) for name, pictures in one.items()} == {"src": 3, "dst": 1}
    assert one["src"].min() >= 0 and one["src"].max() <= 1
    np.testing.assert_array_equal(one["src"], again["src"])
    assert not np.array_equal(one["src"], other["src"])


def test_a_face_that_has_gone_is_no_example(faceset, options):
    faces = {"src": faceset("src", LABELED), "dst": faceset("dst", UNLABELED)}
    (faces["dst"].folder / Path(UNLABELED[0]).name).unlink()
    (faces["src"].folder / Path(LABELED[0]).name).unlink()
    examples = XSEG.add_examples(*batches(faces, options, start=0, count=1), faces, options, seed=1).examples
    assert {name: len(pictures) for name, pictures in examples.items()} == {"src": 1}
