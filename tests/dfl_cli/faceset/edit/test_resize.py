"""`dfl faceset resize`: picture and face data go on agreeing."""

import sys

import numpy as np
import pexpect
import pytest

from dfl_cli.main import main
from samplers.files.faces import open_faceset
from samplers.geometry.align import transform_points
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare


@pytest.mark.parametrize(("size", "face_type"), [(128, "same"), (400, "same"), (512, "wf"), (256, "f"), (300, "head")])
def test_landmarks_labels_and_the_way_from_the_frame_fit_the_new_picture(spotted, spots, dfl, size, face_type):
    (before,) = open_faceset(spotted)
    assert spots(before).max() < 0.1
    done = dfl("resize", spotted, "--size", size, "--face-type", face_type, "--output", spotted.parent / "out")
    assert (done["faces"], done["written"], done["skipped"]) == (1, 1, [])
    (face,) = open_faceset(spotted.parent / "out")
    wanted = before.face_type if face_type == "same" else FaceType.from_short(face_type)
    assert (face.shape, face.face_type) == ((size, size), wanted)
    assert spots(face).max() < 0.2
    np.testing.assert_allclose(face.polygons[0].points, face.landmarks[[30, 36, 45]], atol=0.01)
    moved = transform_points(face.source_landmarks, face.image_to_face_mat)
    np.testing.assert_allclose(moved, face.landmarks, atol=0.05)


def test_the_mask_stays_on_the_face_when_the_type_changes(spotted, dfl):
    dfl("resize", spotted, "--size", 256, "--face-type", "f", "--output", spotted.parent / "out")
    (before,), (face,) = open_faceset(spotted), open_faceset(spotted.parent / "out")
    centers = []
    for one in (before, face):
        y, x = np.nonzero(one.read_xseg_mask()[..., 0] > 0.5)
        centers.append(np.array([x.mean(), y.mean()]) - one.landmarks[30])
    scale = np.linalg.norm(face.landmarks[45] - face.landmarks[36]) / np.linalg.norm(
        before.landmarks[45] - before.landmarks[36]
    )
    np.testing.assert_allclose(centers[1], centers[0] * scale, atol=1)


def test_a_resized_face_trains_as_the_large_one_does(spotted, dfl):
    dfl("resize", spotted, "--size", 512)
    assert dfl("info", spotted.with_name("spotted_512"))["count"] == 1
    (before,), (face,) = open_faceset(spotted), open_faceset(spotted.with_name("spotted_512"))
    one, other = (prepare(each, 96, FaceType.FULL, smooth=True) for each in (before, face))
    assert np.abs(one.image - other.image).mean() < 0.01
    assert np.abs(one.mask - other.mask).mean() < 0.01


def test_a_face_that_has_the_size_already_keeps_its_bytes(folder, contents, dfl):
    dfl("resize", folder, "--size", 256)
    assert contents(folder.with_name("aligned_256")) == contents(folder)


def test_faces_of_a_pack_are_resized(folder, dfl):
    dfl("pack", folder, "--delete-originals")
    assert dfl("resize", folder, "--size", 128)["written"] == 4
    assert {face.shape for face in open_faceset(folder.with_name("aligned_128"))} == {(128, 128)}


def test_enlarging_is_mentioned(folder, capsys):
    assert main(["faceset", "resize", str(folder), "--size", "512", "--face-type", "head"]) == 0
    said = capsys.readouterr().err
    assert "Enlarging adds no detail" in said and "their borders are stretched" in said


def test_size_and_type_are_asked_at_a_terminal(folder):
    words = ["-m", "dfl_cli.main", "faceset", "resize", str(folder), "--lang", "en"]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=90)
    child.expect("New image size")
    child.sendline("200")
    child.expect("Change face type")
    child.sendline("f")
    child.expect("4 faces written")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert {face.shape for face in open_faceset(folder.with_name("aligned_f_200"))} == {(200, 200)}
