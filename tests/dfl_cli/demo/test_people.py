"""The synthetic people: pictures, landmarks and masks that belong together, and a workspace others can read."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.demo.people import PERSON_A, PERSON_B, Pose, SyntheticPlan, draw_poses, render, swap_truth, write_workspace
from dfl_cli.demo.people.raster import rasterize
from samplers.files.faces import open_faceset
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.pose import estimate_pitch_yaw_roll

SIZE = (192, 192)
PEOPLE = pytest.mark.parametrize("person", [PERSON_A, PERSON_B], ids=lambda person: person.name)
RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)
LOW_LIGHT = Pose(scale=0.8, light=(0.0, 0.3))  # large, and no brow or lid throws a shadow


def inside(points, shape) -> np.ndarray:
    """Which pixels (H, W) lie in the convex hull of `points`."""
    drawn = np.zeros(shape[:2], np.uint8)
    hull = cv2.convexHull(np.round(points).astype(np.int32))
    cv2.fillConvexPoly(drawn, hull, 1)
    return drawn > 0


def grey(image) -> np.ndarray:
    return image.astype(np.float32).mean(axis=2)


def pupil(person, pose: Pose, eye: slice):
    """Middle (x, y) of the dark of an eye, the eye's middle, and its width."""
    drawn = render(person, pose, (384, 384))
    corners = drawn.landmarks[eye]
    middle = corners.mean(axis=0)
    width = np.ptp(corners[:, 0])
    opening = inside(middle + 0.85 * (corners - middle), drawn.image.shape)
    y, x = np.nonzero(opening & (grey(drawn.image) < np.quantile(grey(drawn.image)[opening], 0.2)))
    return np.array([x.mean(), y.mean()]), middle, width


@PEOPLE
@pytest.mark.parametrize("eye", [RIGHT_EYE, LEFT_EYE], ids=["right", "left"])
def test_eye_landmarks_stand_around_the_pupil(person, eye):
    found, middle, width = pupil(person, LOW_LIGHT, eye)
    assert np.abs(found - middle).max() < 0.14 * width


@PEOPLE
def test_gaze_moves_the_pupil_to_the_side_it_names(person):
    left, _, width = pupil(person, replace(LOW_LIGHT, gaze=(-0.7, 0)), LEFT_EYE)
    right, _, _ = pupil(person, replace(LOW_LIGHT, gaze=(0.7, 0)), LEFT_EYE)
    assert right[0] - left[0] > 0.15 * width


@PEOPLE
def test_closed_eyes_bring_the_lids_together_and_hide_the_pupil(person):
    opened, closed = render(person, LOW_LIGHT, SIZE), render(person, replace(LOW_LIGHT, eyes_open=0.0), SIZE)
    height = [np.linalg.norm(drawn.landmarks[37] - drawn.landmarks[41]) for drawn in (opened, closed)]
    assert height[1] < 0.15 * height[0]
    x, y = np.round(opened.landmarks[RIGHT_EYE].mean(axis=0)).astype(int)
    middle = np.s_[y - 2 : y + 1, x - 2 : x + 3]  # of the open eye
    assert grey(closed.image)[middle].min() > grey(opened.image)[middle].min() + 30


@PEOPLE
def test_an_open_mouth_parts_the_inner_lips_and_is_dark(person):
    closed, opened = render(person, Pose(scale=0.8), SIZE), render(person, Pose(scale=0.8, mouth_open=0.8), SIZE)
    gaps = [drawn.landmarks[66, 1] - drawn.landmarks[62, 1] for drawn in (closed, opened)]
    assert gaps[0] < 1 and gaps[1] > 6
    hole = inside(opened.landmarks[60:68], opened.image.shape)
    assert np.quantile(grey(opened.image)[hole], 0.1) < 65
    assert grey(opened.image)[hole].mean() < grey(closed.image)[inside(closed.landmarks[48:60], SIZE[::-1])].mean()


@PEOPLE
def test_a_smile_lifts_and_widens_the_corners_of_the_mouth(person):
    plain, smiling = render(person, Pose(), SIZE).landmarks, render(person, Pose(smile=1.0), SIZE).landmarks
    assert smiling[54, 0] - smiling[48, 0] > plain[54, 0] - plain[48, 0] + 1
    assert (smiling[[48, 54], 1] < plain[[48, 54], 1] - 1).all()


@PEOPLE
@pytest.mark.parametrize("yaw", [-0.6, -0.25, 0.25, 0.6])
def test_a_turned_head_moves_the_nose_over_the_jaw_and_the_pose_is_read_back(person, yaw):
    points = render(person, Pose(yaw=yaw), SIZE).landmarks
    nose = (points[30, 0] - points[0, 0]) / (points[16, 0] - points[0, 0])
    assert (nose < 0.45) if yaw > 0 else (nose > 0.55)
    aligned = transform_points(points, transform_matrix(points, 256, FaceType.WHOLE))
    assert np.sign(estimate_pitch_yaw_roll(aligned).yaw) == np.sign(yaw)


@PEOPLE
def test_looking_up_is_positive_and_a_roll_turns_clockwise(person):
    def pitch(angle):
        points = render(person, Pose(pitch=angle), SIZE).landmarks
        return estimate_pitch_yaw_roll(transform_points(points, transform_matrix(points, 256, FaceType.WHOLE))).pitch

    assert pitch(0.3) > pitch(-0.3) + 0.2
    rolled = render(person, Pose(roll=0.2), SIZE).landmarks
    assert rolled[45, 1] > rolled[36, 1] + 3


@PEOPLE
def test_a_straight_face_has_mirrored_landmarks(person):
    points = render(person, Pose(), SIZE).landmarks
    mirrored = np.stack([SIZE[0] - 1 - points[:, 0], points[:, 1]], axis=-1)
    assert np.abs(mirrored[16::-1] - points[:17]).max() < 1e-3
    assert np.abs(mirrored[[45, 44, 43, 42, 47, 46]] - points[RIGHT_EYE]).max() < 1e-3


@PEOPLE
def test_light_from_the_other_side_lights_the_other_cheek(person):
    def lean(azimuth):
        drawn = render(person, Pose(light=(azimuth, 0.3)), SIZE)
        bright = grey(drawn.image) * drawn.face_mask[..., 0]
        return (bright[:, 96:].sum() - bright[:, :96].sum()) / bright.sum()

    assert lean(0.8) > 0.1
    assert lean(-0.8) == pytest.approx(-lean(0.8), abs=0.05)


@PEOPLE
@pytest.mark.parametrize(
    "pose", [Pose(), Pose(yaw=0.4, mouth_open=0.7), Pose(pitch=0.2, roll=-0.2)], ids=["still", "yaw", "roll"]
)
def test_the_mask_covers_the_face_and_not_the_picture(person, pose):
    drawn = render(person, pose, SIZE)
    face = inside(drawn.landmarks, drawn.image.shape)
    assert drawn.face_mask.shape == (192, 192, 1) and drawn.face_mask.min() >= 0 and drawn.face_mask.max() <= 1
    assert drawn.face_mask[..., 0][face].mean() > 0.9
    assert drawn.face_mask.sum() < 1.7 * face.sum()
    top = drawn.face_mask[..., 0].max(axis=1).argmax()
    assert top < drawn.landmarks[17:27, 1].min() - 5  # the forehead belongs to it


def test_the_same_arguments_give_the_same_picture():
    pose = draw_poses(3, 7)[2]
    once, again = render(PERSON_A, pose, SIZE), render(PERSON_A, pose, SIZE)
    assert (once.image == again.image).all() and (once.landmarks == again.landmarks).all()
    assert draw_poses(3, 7) == draw_poses(3, 7) and draw_poses(3, 7) != draw_poses(3, 8)


def test_the_two_people_differ_at_a_glance():
    people = [render(person, Pose(), SIZE) for person in (PERSON_A, PERSON_B)]
    colors = [cv2.mean(drawn.image, np.uint8(drawn.face_mask > 0.5))[:3] for drawn in people]
    assert np.abs(np.subtract(*colors)).max() > 30


def test_a_frame_may_be_wide_and_its_content_keeps_its_proportions():
    tall, wide = render(PERSON_B, Pose(), (96, 96)), render(PERSON_B, Pose(), (160, 96))
    assert wide.image.shape == (96, 160, 3)
    assert np.abs(wide.landmarks - tall.landmarks - [32, 0]).max() < 1e-3


@settings(max_examples=25)
@given(count=st.integers(0, 130), seed=st.integers(0, 2**32 - 1), smooth=st.booleans())
def test_poses_stay_in_their_ranges_and_a_sequence_moves_little_between_frames(count, seed, smooth):
    poses = draw_poses(count, seed, smooth=smooth)
    assert len(poses) == count
    for pose in poses:
        assert abs(pose.yaw) <= 0.8 and abs(pose.pitch) <= 0.35 and abs(pose.roll) <= 0.3
        assert 0 <= pose.eyes_open <= 1 and 0 <= pose.mouth_open <= 1 and -1 <= pose.smile <= 1
        assert max(map(abs, pose.gaze)) <= 1 and 0.5 <= pose.light_strength <= 1.3
    if smooth:
        assert all(abs(a.yaw - b.yaw) < 0.16 for a, b in pairwise(poses))


def test_the_true_swap_shows_src_inside_the_face_and_leaves_the_rest_alone():
    pose = Pose(yaw=0.2, smile=0.5)
    frame = render(PERSON_B, pose, SIZE)
    truth = swap_truth(PERSON_A, pose, frame)
    outside = truth.mask[..., 0] == 0
    assert (truth.image[outside] == frame.image[outside]).all() and outside.mean() > 0.5
    core = np.uint8(truth.mask > 0.99)
    assert core.sum() > 0.6 * frame.face_mask.sum()
    to_src = np.abs(np.subtract(cv2.mean(truth.image, core), cv2.mean(truth.source.image, core)))
    to_dst = np.abs(np.subtract(cv2.mean(truth.image, core), cv2.mean(frame.image, core)))
    assert to_src.max() < 12 < 30 < to_dst.max()
    assert (truth.source.image == render(PERSON_A, pose, SIZE).image).all()


def test_swapping_somebody_with_himself_changes_nothing_visible():
    frame = render(PERSON_B, Pose(yaw=-0.3), SIZE)
    truth = swap_truth(PERSON_B, Pose(yaw=-0.3), frame)
    assert np.abs(truth.image.astype(int) - frame.image).max() <= 1


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    told = []
    plan = SyntheticPlan(src_faces=3, dst_frames=2, frame_size=SIZE, face_size=128)
    write_workspace(folder, plan, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 5) for n in range(1, 6)]
    return folder


@pytest.mark.parametrize(("side", "count"), [("data_src", 3), ("data_dst", 2)])
def test_a_workspace_opens_without_skipped_faces(workspace, side, count):
    faces = open_faceset(workspace / side / "aligned")
    assert len(faces) == count and not faces.skipped
    assert all(face.face_type == FaceType.WHOLE and face.read().shape == (128, 128, 3) for face in faces)


def test_faces_in_a_workspace_say_where_in_their_frame_they_were(workspace):
    for face in open_faceset(workspace / "data_dst/aligned"):
        frame = cv2.imread(str(workspace / "data_dst" / face.source_filename))
        assert np.abs(transform_points(face.source_landmarks, face.image_to_face_mat) - face.landmarks).max() < 1e-2
        cut = cv2.warpAffine(frame, face.image_to_face_mat, (128, 128), flags=cv2.INTER_CUBIC)
        assert np.abs(cut.astype(int) - face.read()).mean() < 3  # JPEG


def test_every_frame_of_a_workspace_has_its_true_swap(workspace):
    names = sorted(path.name for path in (workspace / "data_dst").glob("*.png"))
    assert names == sorted(path.name for path in (workspace / "truth").glob("*.png"))
    for name in names:
        frame, truth = (cv2.imread(str(workspace / folder / name)) for folder in ("data_dst", "truth"))
        mask = cv2.imread(str(workspace / "truth/mask" / name), cv2.IMREAD_GRAYSCALE)
        assert (frame[mask == 0] == truth[mask == 0]).mean() > 0.999
        assert np.abs(frame[mask == 255].astype(int) - truth[mask == 255]).mean() > 10


def test_the_nearer_of_two_triangles_is_seen_and_one_seen_from_behind_is_not():
    screen = np.float32([(1, 1), (30, 1), (1, 30)])
    both = np.concatenate([screen, screen])
    depth = np.float32([5, 5, 5, 3, 3, 3])
    hits = rasterize(both, depth, np.int32([(0, 1, 2), (3, 4, 5)]), (32, 32))
    assert (hits.corners >= 3).all() and np.allclose(hits.depth, 3)
    assert len(np.unique(hits.pixels)) == len(hits.pixels) == 30 * 31 / 2
    assert np.allclose(hits.blend(both), np.stack([hits.pixels % 32, hits.pixels // 32], axis=-1), atol=1e-4)
    assert len(rasterize(screen, depth[:3], np.int32([(0, 2, 1)]), (32, 32)).pixels) == 0
