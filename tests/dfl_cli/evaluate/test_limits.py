"""What limits a swap is found where the numbers show it, and nowhere else."""

import json

import numpy as np
import pytest

from dfl_cli.evaluate.advice import advice
from dfl_cli.evaluate.evaluate import Evaluation
from dfl_cli.evaluate.faces import ScoredFace
from dfl_cli.evaluate.limits import (
    Blurred,
    Known,
    Misplaced,
    MissingDirections,
    MissingExpression,
    PeopleAlike,
    ResolutionReached,
    StillLearning,
    VisibleEdge,
    as_json,
    limits,
)
from dfl_cli.evaluate.metrics.landmarks import landmark_error
from dfl_cli.evaluate.metrics.pose import angles
from dfl_cli.evaluate.metrics.score import Pair, Score
from dfl_cli.evaluate.readings import Readings
from dfl_cli.evaluate.scoring import Material, SrcReadings
from dfl_cli.evaluate.swapping import Swapped
from dfl_cli.face_networks.expression import names
from dfl_cli.translate import set_language
from drawn_swap import SIDE, drawn
from samplers.pose_coverage import Directions

N, RESOLUTION = 40, 64
SCORES = {
    "identity_transfer": Score(0.9, 1.0, 0.0, True, "", np.full(N, 0.9)),
    "landmark_error": Score(1.5, 0.5, 9.0, False, "%", np.linspace(0, 3, N)),
    "registration": Score(0.1, 0.0, None, False, "px"),
    "seam": Score(1.2, 1.0, 1.4, False),
    "sharpness": Score(0.8, 1.0, 0.3, True),
}
STRAIGHT = np.zeros((N, 2))


def readings(count=N, person=0, **shapes):
    """Of a person; shapes: (count,) by the name of the blendshape."""
    expression = np.zeros((count, 52), np.float32)
    for name, values in shapes.items():
        expression[:, names().index(name)] = values
    empty = np.zeros((count, 0))
    return Readings(np.eye(128)[np.full(count, person)], empty, expression, np.ones(count), empty, np.zeros((count, 3)))


def evaluation(scores=(), src=None, dst=None, swap=None, frame_pixels=3.0):
    """One in which nothing stands out, but for what is given."""
    pictures = np.zeros((N, RESOLUTION, RESOLUTION, 1))
    src, dst = src or readings(), dst or readings(person=1)
    swapped = Swapped(*[pictures] * 4)
    material = Material(swapped, swap or dst, dst, SrcReadings(src, src, src, np.ones(N)), {}, np.ones(N, bool))
    faces = [ScoredFace(f"{number}.png", *[None] * 4) for number in range(N)]
    return Evaluation({**SCORES, **dict(scores)}, faces, material, {"frame_pixels_per_pixel": frame_pixels}, [])


def known(src=STRAIGHT, frames=STRAIGHT, loss_fall=None):
    return Known(Directions(np.asarray(src), 1), Directions(np.asarray(frames), 1), loss_fall)


def with_value(name, value, **others):
    return {name: SCORES[name]._replace(value=value, **others)}


def test_a_good_swap_has_no_limit():
    assert limits(evaluation(), known()) == []
    assert advice([]) == ["Nothing stands out."]


def test_a_loss_that_falls_asks_for_more_training():
    assert limits(evaluation(), known(loss_fall=0.019)) == []
    found = limits(evaluation(), known(loss_fall=0.03))
    assert found == [StillLearning(0.03)]
    assert advice(found) == ["Train longer: the loss still falls by 3% per 1,000 iterations."]


def looking_left():
    """30 of the frames look ahead, 10 to the left; those are the worst."""
    frames = np.zeros((N, 2))
    frames[30:, 0] = np.linspace(-52, -42, 10)
    return frames


def test_directions_that_src_lacks_are_found_where_the_worst_frames_are():
    [found] = limits(evaluation(), known(frames=looking_left()))
    assert found == MissingDirections((None, -10.0), (None, None), 0, 0.25, 1.0, "landmark_error")
    assert advice([found]) == [
        "src has no faces looking left of -10 degrees: 100% of the worst frames are there. Add such faces to src."
    ]


def test_directions_that_src_lacks_do_not_matter_where_frames_are_good():
    good_there = with_value("landmark_error", 1.5, per_frame=np.linspace(3, 0, N))
    good_there |= with_value("identity_transfer", 0.9, per_frame=np.linspace(0, 1, N))
    assert limits(evaluation(good_there), known(frames=looking_left())) == []


def test_the_worst_of_equal_frames_do_not_matter():
    equal = with_value("landmark_error", 1.5, per_frame=np.linspace(1.4, 1.6, N))
    assert limits(evaluation(equal), known(frames=looking_left())) == []


def test_a_src_with_all_directions_lacks_none():
    assert limits(evaluation(), known(src=looking_left(), frames=looking_left())) == []


def test_the_worst_frames_are_shared_out_among_directions():
    both = np.zeros((N, 2))
    both[34:, 0], both[30:34, 0] = -45, 45
    left, right = limits(evaluation(), known(frames=both))
    assert (left.yaw, right.yaw) == ((None, -10), (10, None))
    assert (left.worst_frames, right.worst_frames) == (0.6, 0.4)


def test_few_faces_are_counted():
    few = MissingDirections((None, None), (15.0, None), 1, 0.3, 0.61, "identity_transfer")
    assert advice([few, few._replace(src=4)]) == [
        "src has only 1 face looking above +15 degrees: 61% of the worst frames are there. Add such faces to src.",
        "src has only 4 faces looking above +15 degrees: 61% of the worst frames are there. Add such faces to src.",
    ]


def blinks(every, count=N):
    values = np.where(np.arange(count) % every == 0, 0.7, 0.1)
    return {"eyeBlinkLeft": values, "eyeBlinkRight": values}


def test_an_expression_that_src_lacks_and_the_swap_does_not_make():
    dst, still = readings(person=1, **blinks(every=5)), readings(person=1)
    [found] = limits(evaluation(dst=dst, swap=still), known())
    assert found == MissingExpression("closed_eyes", 0.2, 0.0, 0.0)
    assert advice([found]) == [
        "Eyes are closed in 20% of dst's frames and 0% of src's faces: the swap follows dst's with a correlation of 0.00. "
        "Add such faces to src."
    ]


def test_an_expression_that_the_swap_makes_is_not_missing():
    assert limits(evaluation(dst=readings(person=1, **blinks(every=5))), known()) == []


def test_an_expression_that_src_makes_is_only_not_learned():
    src, dst = readings(**blinks(every=8)), readings(person=1, **blinks(every=5))
    assert limits(evaluation(src=src, dst=dst, swap=readings(person=1)), known()) == []


def test_a_displacement():
    found = limits(evaluation(with_value("registration", 0.82)), known())
    assert found == [Misplaced(0.82)]
    assert advice(found)[0].startswith(
        "Faces lie 0.8 pixels of the network off their place. Train with --corrected-samples y"
    )


def test_an_edge():
    found = limits(evaluation(with_value("seam", 2.4)), known())
    assert found == [VisibleEdge(2.4)]
    assert "2.4 times as fast as in dst" in advice(found)[0]


def test_blur_is_found_where_landmarks_follow():
    found = limits(evaluation(with_value("sharpness", 0.2)), known())
    assert found == [Blurred(0.2, RESOLUTION)]
    assert advice(found)[0].startswith("Blurred: sharpness is 20% of that of real pictures of src at 64 pixels.")
    astray = with_value("sharpness", 0.2) | with_value("landmark_error", 6.0)
    assert limits(evaluation(astray), known()) == []


def test_the_resolution_is_reached_where_real_pictures_lose_as_much():
    coarse = with_value("landmark_error", 1.4, floor=1.3)
    found = limits(evaluation(coarse), known())
    assert found == [ResolutionReached(1.4, 1.3, RESOLUTION, 3.0)]
    assert "as good as 64 pixels allow: landmarks are 1.4% of the eye distance off" in advice(found)[0]
    assert advice(found)[0].endswith("One pixel of the network covers 3.0 pixels of the frame.")
    assert limits(evaluation(coarse, frame_pixels=1.0), known()) == []  # the frame has no more to show
    assert limits(evaluation(with_value("landmark_error", 0.5, floor=0.4)), known()) == []


def test_people_who_are_too_alike():
    found = limits(evaluation(with_value("identity_transfer", None, per_frame=np.full(N, np.nan))), known())
    assert found == [PeopleAlike(1.0, 0.0)]
    assert "likeness to src is 1.00 for src and 0.00 for dst" in advice(found)[0]


def test_training_comes_first_and_json_has_the_numbers():
    found = limits(evaluation(with_value("registration", 0.5)), known(frames=looking_left(), loss_fall=0.1))
    shown = as_json(found)
    assert [one["kind"] for one in shown] == ["still_learning", "missing_directions", "misplaced"]
    assert shown[1]["yaw"] == (None, -10)
    assert json.loads(json.dumps(shown, allow_nan=False))[2] == {"kind": "misplaced", "pixels": 0.5}


ALL = [
    StillLearning(0.03),
    *(MissingDirections(*sides, 0, 0.3, 0.6, "landmark_error") for sides in (
        ((None, -30.0), (None, None)), ((30.0, None), (None, None)), ((None, None), (None, -20.0)), ((None, None), (20.0, None)),
        ((-30.0, -15.0), (0.0, 15.0)),
    )),
    MissingDirections((None, -30.0), (None, None), 3, 0.3, 0.6, "landmark_error"),
    *(MissingExpression(name, 0.4, 0.01, 0.1) for name in (
        "closed_eyes", "open_mouth", "smile", "pursed_lips", "raised_brows", "frown",
    )),
    Misplaced(0.8), VisibleEdge(2.4), Blurred(0.2, 64), ResolutionReached(1.4, 1.3, 64, 3.0), PeopleAlike(0.6, 0.58),
]  # fmt: skip


@pytest.fixture
def chinese():
    set_language("zh")
    yield
    set_language("en")


def test_advice_in_chinese(chinese):
    lines = [*advice(ALL), *advice([])]
    assert all(line.endswith("。") for line in lines)
    assert not any(word in line for line in lines for word in (" the ", "faces", "frames", "degrees", "{"))
    assert lines[0] == "请继续训练：损失每 1000 次迭代仍下降 3%。"
    assert lines[1] == "src 没有朝向在偏航 -30 度以左的人脸：最差的帧有 60% 在此范围内。请为 src 补充这样的人脸。"


def test_advice_in_english_is_a_line_each():
    lines = advice(ALL)
    assert len(set(lines)) == len(ALL)
    assert lines[5].startswith("src has no faces looking -30 to -15 degrees sideways and 0 to +15 degrees up: 60%")


def test_drawn_people_whose_src_never_looks_left(perfect):
    """The perfect swap, but wherever dst looks left its face is that of another frame."""
    dst, src = drawn("dst"), np.concatenate([drawn("src").landmarks, drawn("swap").landmarks])
    looks, ours = (np.array([angles(points, SIDE)[:2] for points in some]) for some in (dst.landmarks, src))
    landmarks = perfect.swap.landmarks.copy()
    left = looks[:, 0] < -12
    landmarks[left] = landmarks[~left][: left.sum()]
    score = landmark_error(
        Pair(landmarks, perfect.dst.landmarks), Pair(perfect.src.real.landmarks, perfect.src.real.landmarks)
    )
    found = limits(evaluation({"landmark_error": score}), known(src=ours[ours[:, 0] > 5], frames=looks))
    [one] = [one for one in found if one.kind == "missing_directions" and one.yaw[0] is None]
    assert -15 <= one.yaw[1] <= 0
    assert one.worst_frames > 0.8 > 1.5 * one.frames
