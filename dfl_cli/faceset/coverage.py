"""`dfl faceset coverage`: what src lacks for the swap into dst, in numbers and in words."""

from collections.abc import Sequence

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.coverage_text import Comparison, short_words
from dfl_cli.faceset.images import measure_all, picture_of
from dfl_cli.translate import labeled, tr
from samplers.colors.face_colors import FaceColors, face_colors, mean_lab
from samplers.files.faces import Face
from samplers.geometry.face_shape import proportions
from samplers.pose_coverage import Directions, coverage, directions, evenly

COLOR_SAMPLE = 200  # faces of each set whose colors are looked at
QUICK_SAMPLE = 500  # faces of each set that the short version looks at: well under a second


def compare(src: Sequence[Face], dst: Sequence[Face]) -> Comparison:
    """All of it: the directions of every face, colors of some, with progress bars.

    Raises:
        UserError: not one picture of a set can be read.
    """
    ours, theirs = faces_measured(src), faces_measured(dst)
    return compared(src, dst, ours, theirs)._replace(colors=(colors_of(src), colors_of(dst)))


def faces_measured(faces: Sequence[Face]) -> Directions:
    found = measure_all(
        [picture_of(face) for face in faces], lambda one: directions([one.face]).degrees, tr("Measuring")
    )
    return Directions(np.concatenate(found.values), 1)


def compared(src: Sequence[Face], dst: Sequence[Face], ours: Directions, theirs: Directions) -> Comparison:
    """`ours` and `theirs` are the directions of exactly the faces `src` and `dst`."""
    ratios, other = (
        proportions(np.stack([face.landmarks for face in faces]), where.degrees)
        for faces, where in ((src, ours), (dst, theirs))
    )
    return Comparison(
        ours, theirs, coverage(ours, theirs), {name: (ratios[name], other[name]) for name in ratios}, None
    )


def colors_of(faces: Sequence[Face]) -> FaceColors:
    found = measure_all(
        [picture_of(face) for face in evenly(faces, COLOR_SAMPLE)], lambda one: mean_lab(one.face), tr("Colors")
    )
    if not found.values:
        name, reason = next(iter(found.unreadable.items()))
        raise UserError(
            tr("None of the faces can be read."),
            saw=labeled(name, reason),
            fix=tr("Check the set with dfl faceset info."),
        )
    return face_colors(np.stack(found.values))


def short_lines(src: Sequence[Face], dst: Sequence[Face]) -> list[str]:
    """Two lines for somebody about to train: how much is covered, and the worst of what is not. Takes under a second."""
    return short_words(compare_quickly(src, dst))


def compare_quickly(src: Sequence[Face], dst: Sequence[Face]) -> Comparison:
    """The directions and shapes of some of the faces, without a progress bar."""
    some, others = evenly(src, QUICK_SAMPLE), evenly(dst, QUICK_SAMPLE)
    ours, theirs = (
        directions(few)._replace(weight=len(faces) / len(few)) for few, faces in ((some, src), (others, dst))
    )
    return compared(some, others, ours, theirs)
