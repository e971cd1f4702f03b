"""`dfl extract`: a video or frames in, a face set out, which DeepFaceLab and `dfl merge` read."""

import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from dfl_cli.extract.earlier import wants_again
from dfl_cli.extract.index import FILE_NAME, ExtractIndex
from dfl_cli.extract.report import LIST_NAME
from dfl_cli.face_networks.bundled import FOLDER
from dfl_cli.frames import list_frames
from dfl_cli.main import main
from dfl_cli.merge.alignments import collect_alignments
from drawn_people import difference, empty_frame, frame_with_face
from samplers.files.dfl_image import read_face_info, write_face_info
from samplers.files.faces import open_faceset

FACES = [f"{number:05d}_0.jpg" for number in range(1, 11) if number != 6]


def names(folder):
    return sorted(path.name for path in folder.glob("*.jpg"))


def test_a_film_becomes_frames_and_faces_that_know_where_they_are_from(film, extract, tmp_path):
    aligned = tmp_path / "faces"
    said = extract("--input", film, "--output", aligned)
    assert said.pop("seconds") > 0
    assert said == {
        "frames": 10,
        "faces": 9,
        "frames_without_face": ["00006.png"],
        "unreadable_frames": [],
        "people": [{"name": "A", "faces": 9}],
    }
    frames = list_frames(tmp_path / "faces_frames")
    assert [path.name for path in frames] == [f"{number:05d}.png" for number in range(1, 11)]
    assert names(aligned) == FACES
    assert (aligned / LIST_NAME).read_text() == "00006.png\n"
    faces = collect_alignments(open_faceset(aligned)).faces
    assert sorted(faces) == [path.stem for path in frames if path.stem != "00006"]
    for number in (1, 5, 10):
        assert difference(faces[f"{number:05d}"][0], frame_with_face(number - 1)[1]) < 0.1


def test_the_aligned_face_shows_what_its_matrix_says(frames, extract, tmp_path):
    extract(
        "--input",
        frames,
        "--output",
        tmp_path / "faces",
        "--classic",
        "--face-type",
        "full_face",
        "--jpeg-quality",
        100,
    )
    jpeg = (tmp_path / "faces" / "00001_0.jpg").read_bytes()
    info = read_face_info(jpeg)
    assert (info.face_type.short, info.shape, info.source_filename) == ("f", (256, 256), "00001.png")
    frame = cv2.imread(str(frames / "00001.png"))
    expected = cv2.warpAffine(frame, info.image_to_face_mat, (256, 256)).astype(int)
    assert np.abs(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1) - expected).mean() < 1.5


def test_a_second_run_does_nothing(film, extract, tmp_path):
    aligned = tmp_path / "faces"
    first = extract("--input", film, "--output", aligned)
    times = {path.name: path.stat().st_mtime_ns for path in aligned.glob("*.jpg")}
    index = (aligned / FILE_NAME).read_bytes()
    second = extract("--input", film, "--output", aligned)
    assert second | {"seconds": 0} == first | {"seconds": 0}
    assert {path.name: path.stat().st_mtime_ns for path in aligned.glob("*.jpg")} == times
    assert (aligned / FILE_NAME).read_bytes() == index


def test_another_face_type_is_cut_without_looking_for_faces_again(frames, extract, tmp_path, monkeypatch):
    aligned = tmp_path / "faces"
    extract("--input", frames, "--output", aligned)
    monkeypatch.setattr("dfl_cli.extract.following.look_at", None)
    assert extract("--input", frames, "--output", aligned, "--face-type", "head")["faces"] == 2
    assert {face.face_type.short for face in open_faceset(aligned)} == {"head"}


def test_frames_that_were_added_or_changed_are_looked_at(frames, extract, tmp_path):
    aligned = tmp_path / "faces"
    extract("--input", frames, "--output", aligned)
    cv2.imwrite(str(frames / "00001.png"), empty_frame())
    cv2.imwrite(str(frames / "00004.png"), frame_with_face(6)[0])
    said = extract("--input", frames, "--output", aligned)
    assert (said["frames"], said["faces"], said["frames_without_face"]) == (4, 2, ["00001.png", "00002.png"])
    assert names(aligned) == ["00003_0.jpg", "00004_0.jpg"]
    assert names(tmp_path / "faces_trash") == ["00001_0.jpg"]


def test_a_frame_that_is_no_picture_is_named_and_skipped(frames, capsys, tmp_path):
    (frames / "00002.png").write_bytes(b"no picture")
    assert main(["extract", "--input", str(frames), "--output", str(tmp_path / "faces"), "--image-size", "256"]) == 0
    said = capsys.readouterr()
    assert "1 frame cannot be read and was skipped:" in said.err
    assert "00002.png: not a readable image" in said.err
    assert "2 faces in 3 frames" in said.out


def test_of_several_faces_the_largest_is_taken(tmp_path, extract):
    frames = tmp_path / "frames"
    frames.mkdir()
    both = np.hstack([frame_with_face()[0], cv2.resize(frame_with_face(who="B")[0], (360, 270))[:180]])
    cv2.imwrite(str(frames / "1.png"), both)
    assert extract("--input", frames, "--output", tmp_path / "all")["faces"] == 2
    assert extract("--input", frames, "--output", tmp_path / "one", "--max-faces-from-image", 1)["faces"] == 1
    (face,) = collect_alignments(open_faceset(tmp_path / "one")).faces["1"]
    assert face[30, 0] > 240


def test_what_was_deleted_stays_deleted_until_everything_is_done_again(frames, extract, tmp_path):
    aligned = tmp_path / "faces"
    extract("--input", frames, "--output", aligned)
    (aligned / "00003_0.jpg").unlink()
    assert extract("--input", frames, "--output", aligned)["faces"] == 1
    assert extract("--input", frames, "--output", aligned, "--again")["faces"] == 2
    assert names(aligned) == ["00001_0.jpg", "00003_0.jpg"]


def test_all_of_a_film_again_leaves_its_frames_where_they_are(film, extract, tmp_path):
    extract("--input", film, "--output", tmp_path / "faces")
    assert extract("--input", film, "--output", tmp_path / "faces", "--again")["faces"] == 9
    assert len(list_frames(tmp_path / "faces_frames")) == 10
    assert not (tmp_path / "faces_frames_trash").exists()


def test_a_face_with_a_mask_of_the_person_is_not_overwritten(frames, extract, tmp_path):
    aligned = tmp_path / "faces"
    extract("--input", frames, "--output", aligned)
    face = aligned / "00001_0.jpg"
    fields = read_face_info(face.read_bytes()).fields
    write_face_info(face, fields | {"xseg_mask": np.frombuffer(cv2.imencode(".png", np.ones((8, 8)))[1], np.uint8)})
    labelled = face.read_bytes()
    assert extract("--input", frames, "--output", aligned)["faces"] == 2
    assert face.read_bytes() == labelled
    assert "changed since they were extracted" in extract(
        "--input", frames, "--output", aligned, "--face-type", "f", code=1
    )
    assert face.read_bytes() == labelled
    extract("--input", frames, "--output", aligned, "--face-type", "f", "--overwrite")
    assert (tmp_path / "faces_trash" / "00001_0.jpg").read_bytes() == labelled


def test_images_of_somebody_else_are_refused_or_set_aside(frames, extract, tmp_path):
    aligned = tmp_path / "faces"
    aligned.mkdir()
    (aligned / "00001_0.jpg").write_bytes(b"mine")
    assert "did not write" in extract("--input", frames, "--output", aligned, code=1)
    assert (aligned / "00001_0.jpg").read_bytes() == b"mine"
    assert extract("--input", frames, "--output", aligned, "--overwrite")["faces"] == 2
    assert (tmp_path / "faces_trash" / "00001_0.jpg").read_bytes() == b"mine"


def test_faces_of_another_film_are_refused_or_set_aside(film, make_film, extract, tmp_path):
    aligned = tmp_path / "faces"
    extract("--input", film, "--output", aligned)
    other = make_film("other.mp4", pictures=[frame_with_face(who="B")[0]] * 2)
    assert "another source" in extract("--input", other, "--output", aligned, code=1)
    assert names(aligned) == FACES
    assert extract("--input", other, "--output", aligned, "--overwrite")["faces"] == 2
    assert names(tmp_path / "faces_trash") == FACES
    assert len(list_frames(tmp_path / "faces_frames")) == 2


def test_a_workspace_needs_no_other_flag(film, extract, tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    shutil.copy(film, root / "data_dst.mp4")
    assert extract("dst", "--workspace", root)["faces"] == 9
    assert names(root / "data_dst" / "aligned") == FACES
    assert len(list_frames(root / "data_dst")) == 10
    assert extract("dst", "--workspace", root)["faces"] == 9
    assert not (root / "data_dst" / "aligned_trash").exists()


def test_a_workspace_without_anything_says_what_to_do(extract, tmp_path):
    assert "data_src.mp4" in extract("src", "--workspace", tmp_path, code=1)


def test_every_third_frame_of_a_part_of_a_film(film, extract, tmp_path):
    said = extract("--input", film, "--output", tmp_path / "faces", "--fps", 10, "--image-format", "jpg", "--to", 0.25)
    assert said["frames"] == 3
    assert [path.suffix for path in list_frames(tmp_path / "faces_frames")] == [".jpg"] * 3


def test_a_film_that_was_cut_off_is_read_as_far_as_it_goes_and_that_is_said(make_film, tmp_path, capsys):
    pictures = [frame_with_face(step)[0] + np.uint8(step) for step in range(10)] * 4
    film = make_film("long.mkv", pictures=pictures, audio=False, encoder={"g": "5"})
    content = film.read_bytes()
    film.write_bytes(content[: len(content) // 2])
    line = ["extract", "--input", str(film), "--output", str(tmp_path / "faces"), "--image-size", "256"]
    assert main([*line, "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert "The frames of long.mkv end after" in said.err
    assert 0 < len(names(tmp_path / "faces")) < 40


def test_debug_images_show_every_frame(frames, extract, tmp_path):
    extract("--input", frames, "--output", tmp_path / "faces", "--output-debug")
    assert names(tmp_path / "faces_debug") == ["00001.jpg", "00002.jpg", "00003.jpg"]
    marked, plain = (cv2.imread(str(path)) for path in (tmp_path / "faces_debug" / "00001.jpg", frames / "00001.png"))
    assert np.abs(marked.astype(int) - plain).max() > 100


def test_nothing_was_found_ends_well(tmp_path, extract):
    frames = tmp_path / "frames"
    frames.mkdir()
    cv2.imwrite(str(frames / "1.png"), empty_frame())
    said = extract("--input", frames, "--output", tmp_path / "faces")
    assert (said["faces"], said["frames_without_face"]) == (0, ["1.png"])


@pytest.mark.parametrize("arguments", [[], ["src"], ["--input", "film.mp4"]])
def test_what_is_missing_is_said(arguments, capsys):
    assert main(["extract", *arguments]) == 1
    assert "fix:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "unused", [["src"], ["--workspace", "w"], ["--frames-output", "f"], ["src", "--workspace", "w"], ["--fps", "5"]]
)
def test_what_would_do_nothing_beside_other_flags_is_refused(frames, extract, tmp_path, unused):
    said = extract(*unused, "--input", frames, "--output", tmp_path / "faces", code=1)
    assert "cannot be used here" in said
    assert unused[0] in said


def test_frames_of_many_kinds_are_read(tmp_path, extract):
    frames = tmp_path / "frames"
    frames.mkdir()
    face = frame_with_face()[0]
    cv2.imwrite(str(frames / "1.png"), face.astype(np.uint16) * 257)
    cv2.imwrite(str(frames / "2.png"), cv2.cvtColor(face, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(frames / "3.png"), np.dstack([face, np.full(face.shape[:2], 255, np.uint8)]))
    cv2.imwrite(str(frames / "4.tif"), face)
    cv2.imwrite(str(frames / "5.jpg"), face[:-1, :-1])
    assert extract("--input", frames, "--output", tmp_path / "faces")["faces"] == 5


def test_the_second_of_two_extractions_into_one_folder_is_refused(frames, tmp_path):
    from dfl_cli.store.lock import FolderLock

    aligned = tmp_path / "faces"
    line = [sys.executable, "-m", "dfl_cli.main", "extract", "--input", frames, "--output", aligned, "--json"]
    with FolderLock(aligned):
        done = subprocess.run(list(map(str, line)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Another process is writing" in done.stderr


def test_frames_need_no_library_for_videos(frames, tmp_path):
    code = "import sys; sys.modules['av'] = None; from dfl_cli.main import main; sys.exit(main(sys.argv[1:]))"
    line = [sys.executable, "-c", code, "extract", "--input", frames, "--output", tmp_path / "faces", "--silent-start"]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 faces in 3 frames" in done.stdout


def test_a_disk_that_takes_no_more_is_explained_and_the_next_run_goes_on(frames, extract, tmp_path):
    """A limit of the size of files is what a test can have in place of a full disk."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))\n"
        "from dfl_cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", code, "extract", "--input", frames, "--output", tmp_path / "faces", "--silent-start"]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Cannot write" in done.stderr
    assert "run the same command again" in done.stderr
    assert not list((tmp_path / "faces").glob(".*.partial"))
    assert extract("--input", frames, "--output", tmp_path / "faces")["faces"] == 2


def test_an_index_is_there_for_whoever_decides_later(frames, extract, tmp_path):
    extract("--input", frames, "--output", tmp_path / "faces")
    index = ExtractIndex(tmp_path / "faces")
    assert index.count == 3
    (face,) = index.frames["00001.png"].faces
    assert face.identity.shape == (128,)
    assert json.loads((tmp_path / "faces" / FILE_NAME).read_text().splitlines()[0])["format"] == 1


def test_other_networks_start_again_and_a_wrong_one_is_explained(frames, extract, tmp_path):
    aligned, mine = tmp_path / "faces", tmp_path / "mine.onnx"
    shutil.copy(FOLDER / "yunet.onnx", mine)
    extract("--input", frames, "--output", aligned)
    assert "other networks" in extract("--input", frames, "--output", aligned, "--detector", mine, code=1)
    assert extract("--input", frames, "--output", aligned, "--detector", mine, "--overwrite")["faces"] == 2
    assert ExtractIndex(aligned).networks.startswith("mine.onnx")
    mine.write_bytes(b"nothing")
    assert "not a network" in extract("--input", frames, "--output", aligned, "--detector", mine, code=1)
    assert "Check the path." in extract("--input", frames, "--output", aligned, "--landmarks", tmp_path / "no", code=1)


@pytest.mark.parametrize(("answer", "again"), [("n", True), ("", False), ("y", False)])
def test_with_many_faces_it_is_asked_whether_to_go_on(tmp_path, typed, answer, again):
    typed(answer)
    with ExtractIndex(tmp_path) as index:
        index.start({"frames": "files"}, "networks")
        index.begin([f"{number:05d}_0.jpg" for number in range(129)])
        assert wants_again(index, again=False, asks=True) is again
        assert wants_again(index, again=True, asks=True)
        assert not wants_again(index, again=False, asks=False)


@pytest.mark.parametrize("how", [{"rotation": -90}, {"rotation": 90}, {"rotation": 180}, {"mirrored": True}])
def test_a_film_is_looked_at_the_way_it_is_shown(make_film, extract, tmp_path, how):
    shown = frame_with_face()[0]
    turns = {-90: cv2.ROTATE_90_COUNTERCLOCKWISE, 90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180}
    stored = cv2.flip(shown, 1) if "mirrored" in how else cv2.rotate(shown, turns[how["rotation"]])
    film = make_film("phone.mp4", pictures=[stored] * 2, audio=False, **how)
    assert extract("--input", film, "--output", tmp_path / "faces")["faces"] == 2
    assert cv2.imread(str(tmp_path / "faces_frames" / "00001.png")).shape == shown.shape
    faces = collect_alignments(open_faceset(tmp_path / "faces")).faces
    assert difference(faces["00001"][0], frame_with_face()[1]) < 0.1
    assert ExtractIndex(tmp_path / "faces").frames["00001.png"].faces[0].turn == 0


def test_the_number_of_threads_changes_nothing(film, extract, tmp_path):
    found = []
    for workers in (1, 2):
        extract("--input", film, "--output", tmp_path / f"faces{workers}", "--workers", workers)
        found.append({path.name: path.read_bytes() for path in (tmp_path / f"faces{workers}").glob("*.jpg")})
    assert found[0] == found[1]
