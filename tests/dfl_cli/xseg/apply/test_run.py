"""Painting the masks of a face set, step by step."""

import numpy as np
import pytest

from dfl_cli.xseg.apply.painter import Painter
from dfl_cli.xseg.apply.run import Applying, apply
from dfl_cli.xseg.apply.smoothing import Window, windows
from dfl_cli.xseg.face_files import scan
from dfl_cli.xseg.history import History
from dfl_cli.xseg.labels import MASK
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType


class Halves:
    """A network that takes the upper half of every picture for face, as long as it sees no more than `most`."""

    def __init__(self, most=99):
        self.most, self.sizes = most, []

    def probabilities(self, pictures):
        if len(pictures) > self.most:
            raise MemoryError
        self.sizes.append(len(pictures))
        mask = np.zeros((*pictures.shape[:3], 1), np.float32)
        mask[:, :128] = 0.9
        return mask


def paint(folder, network, *, order=None, at_once=8, stopped=lambda: False):
    files, _ = scan(open_faceset(folder), MASK)
    with History(folder, MASK) as history:
        applying = Applying(files, order or windows(len(files), [], 0), FaceType.WHOLE, history)
        left, _ = applying.left(history.begin("apply", "a"))
        faces = []
        report = apply(
            applying, left, Painter(network, at_once=at_once), on_face=lambda: faces.append(1), stopped=stopped
        )
        assert len(faces) == report.applied + len(report.skipped)
        return report


def masks(folder):
    return [face.read_xseg_mask() for face in open_faceset(folder)]


def test_the_last_batch_is_filled_up_so_that_no_other_size_is_compiled(folder):
    network = Halves()
    assert paint(folder, network, at_once=3).applied == 4
    assert network.sizes == [3, 3]
    assert masks(folder)[0][:128].min() == 1 and masks(folder)[0][128:].max() == 0


def test_when_memory_runs_out_batches_are_halved_for_good(folder, capsys):
    network = Halves(most=2)
    assert paint(folder, network, at_once=8).applied == 4
    assert network.sizes == [2, 2]
    with pytest.raises(MemoryError):
        paint(folder, Halves(most=0), order=[Window(0, {0: 1.0, 1: 1.0})])


def test_stopped_it_finishes_what_was_begun_and_goes_on_later(folder):
    calls = iter([False, False, True])
    report = paint(folder, Halves(), stopped=lambda: next(calls))
    assert report.applied == 2
    assert [mask is not None for mask in masks(folder)] == [True, True, False, False]
    assert paint(folder, Halves()).applied == 2


def test_a_face_deleted_meanwhile_is_named(folder):
    files, _ = scan(open_faceset(folder), MASK)
    with History(folder, MASK) as history:
        applying = Applying(files, windows(4, [], 0), None, history)
        left, _ = applying.left(history.begin("apply", "a"))
        (folder / "00002_0.jpg").unlink()
        report = apply(applying, left, Painter(Halves()), on_face=lambda: None, stopped=lambda: False)
    assert (report.applied, [one.name for one in report.skipped]) == (3, ["00002_0.jpg"])


def test_a_neighbor_that_cannot_be_read_does_not_count(folder):
    files, _ = scan(open_faceset(folder), MASK)
    with History(folder, MASK) as history:
        applying = Applying(files, [Window(0, {0: 1.0, 1: 0.5})], None, history)
        left, _ = applying.left(history.begin("apply", "a"))
        (folder / "00002_0.jpg").unlink()
        report = apply(applying, left, Painter(Halves()), on_face=lambda: None, stopped=lambda: False)
    assert (report.applied, report.skipped) == (1, [])


def test_a_smoothed_mask_is_made_again_when_a_neighbor_changes(folder):
    order = [Window(0, {0: 1.0, 1: 0.5}), Window(1, {0: 0.5, 1: 1.0}), Window(2, {2: 1.0}), Window(3, {3: 1.0})]
    assert paint(folder, Halves(), order=order).applied == 4
    assert paint(folder, Halves(), order=order).applied == 0
    (folder / "00002_0.jpg").write_bytes((folder / "00003_0.jpg").read_bytes())
    assert paint(folder, Halves(), order=order).applied == 2
