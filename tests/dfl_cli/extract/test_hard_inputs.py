"""Videos and frames as people have them: damaged, odd, huge, special, or in the wrong place. Each ends well and says what happened."""

import os
from fractions import Fraction

import cv2
import numpy as np
import pytest

from dfl_cli.extract.report import LIST_NAME
from dfl_cli.main import main
from drawn_people import difference, empty_frame, frame_with_face
from samplers.files.faces import open_faceset
from special_files import put_special_files

FACE, LANDMARKS = frame_with_face()
PNG = cv2.imencode(".png", FACE)[1].tobytes()


@pytest.fixture
def said(capsys):
    """Runs `dfl extract` in a language; what it says in words, where its exit code is `code`."""

    def run(*arguments, code=0, language="en"):
        capsys.readouterr()
        line = ["--lang", language, "extract", *map(str, arguments), "--silent-start", "--image-size", "256"]
        assert main(line) == code
        return "".join(capsys.readouterr())

    return run


def contents(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def write_sound(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_film(path, pictures, codec, pixels):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *pictures[0].shape[1::-1], pixels
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=pixels)))
        container.mux(stream.encode(None))


NO_VIDEOS = {
    "nothing": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no video\n" * 100),
    "sound": write_sound,
    "fifo": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "missing": lambda path: None,
}


@pytest.mark.parametrize("kind", NO_VIDEOS)
def test_what_is_no_video_is_explained_in_both_languages(tmp_path, said, kind):
    film = tmp_path / "film.mp4"
    NO_VIDEOS[kind](film)
    line = ["--input", film, "--output", tmp_path / "faces"]
    assert "fix:" in said(*line, code=1)
    chinese = said(*line, code=1, language="zh")
    assert "解决：" in chinese
    assert not [word for word in ("Cannot", "There is", "Invalid", "fix:") if word in chinese]
    assert not list(tmp_path.glob("faces*"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--input", "frames", "--output", "frames"], "two different folders"),
        (["--input", "frames", "--output", "frames/../frames"], "two different folders"),
        (["--input", "frames", "--output", "link"], "two different folders"),
        (["--input", "film.mp4", "--output", "faces", "--frames-output", "faces"], "two different folders"),
        (["--input", "frames", "--output", "film.mp4"], "is a file"),
        (["--input", "frames", "--output", "film.mp4/faces"], "Cannot access"),
        (["--input", "empty", "--output", "faces"], "No images in"),
        (["src", "--workspace", "missing"], "There is no folder"),
        (["dst", "--workspace", "empty"], "neither a video data_dst.mp4 nor frames"),
    ],
)
def test_folders_that_cannot_be_used_are_explained(make_film, tmp_path, said, monkeypatch, line, words):
    make_film(count=1, audio=False)
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "1.png").write_bytes(PNG)
    (tmp_path / "link").symlink_to("frames")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    assert words in said(*line, code=1)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("flag", ["--input", "--output", "--frames-output", "--workspace"])
def test_an_empty_path_is_not_the_current_folder(tmp_path, monkeypatch, capsys, flag):
    """As of a variable that is not set."""
    monkeypatch.chdir(tmp_path)
    assert main(["extract", flag, ""]) == 2
    assert "the path is empty" in capsys.readouterr().err


def test_faces_may_lie_beside_or_around_their_frames(make_film, tmp_path, extract):
    film = make_film(pictures=[FACE], audio=False)
    faces, frames = tmp_path / "faces", tmp_path / "faces" / "frames"
    assert extract("--input", film, "--output", faces, "--frames-output", frames)["faces"] == 1
    assert extract("--input", film, "--output", faces, "--frames-output", frames)["faces"] == 1
    assert extract("--input", frames, "--output", frames / "aligned")["frames"] == 1


def test_a_part_without_frames_is_said_and_another_one_needs_no_leave(make_film, tmp_path, extract):
    line = ["--input", make_film(pictures=[FACE] * 2, audio=False), "--output", tmp_path / "faces"]
    assert "no frames between these times" in extract(*line, "--from", 5, code=1)
    assert extract(*line)["faces"] == 2


@pytest.mark.parametrize(
    "how",
    [
        {"times": [0, 0.04, 0.9]},
        {"times": [0, 0.001, 20]},
        {"rotation": 90, "mirrored": True},
        {"rotation": -90, "mirrored": True},
        {"pixel_shape": Fraction(64, 45)},
    ],
)
def test_every_frame_of_an_odd_film_gives_its_face(make_film, tmp_path, extract, how):
    stored = FACE
    if how.get("mirrored"):  # shown, it is turned counterclockwise, then mirrored
        stored = cv2.flip(FACE, 1)
    elif "pixel_shape" in how:
        stored = cv2.resize(FACE, (168, 180))
    film = make_film(pictures=[stored] * 3, audio=False, **how)
    found = extract("--input", film, "--output", tmp_path / "faces")
    assert (found["frames"], found["faces"]) == (3, 3)
    shown = cv2.imread(str(tmp_path / "faces_frames" / "00001.png")).shape[:2]
    assert shown == (stored.shape[1::-1] if "rotation" in how else stored.shape[:2])


@pytest.mark.parametrize(
    ("name", "codec", "pixels"), [("deep.mkv", "libx264", "yuv420p10le"), ("film.gif", "gif", "rgb8")]
)
def test_other_kinds_of_films_give_their_faces(tmp_path, extract, name, codec, pixels):
    write_film(tmp_path / name, [frame_with_face(step)[0] for step in range(2)], codec, pixels)
    assert extract("--input", tmp_path / name, "--output", tmp_path / "faces")["faces"] == 2
    (face, _) = open_faceset(tmp_path / "faces")
    assert difference(face.read_info().source_landmarks, LANDMARKS) < 0.1


def test_frames_of_any_size_are_looked_at(tmp_path, extract):
    frames = tmp_path / "frames"
    frames.mkdir()
    panorama = np.full((180, 12000, 3), 110, np.uint8)
    panorama[:, 9000:9240] = FACE
    sizes = {"1": FACE[:1, :1], "2": FACE[:10, :10], "3": FACE[:1], "4": FACE[:, :1], "5": FACE}
    sizes |= {"6": cv2.resize(FACE, (480, 360)), "7": panorama}
    for name, picture in sizes.items():
        cv2.imwrite(str(frames / f"{name}.png"), picture)
    found = extract("--input", frames, "--output", tmp_path / "faces")
    assert found["frames_without_face"] == ["1.png", "2.png", "3.png", "4.png"]
    assert (found["frames"], found["faces"], found["unreadable_frames"]) == (7, 3, [])


def test_a_face_in_a_frame_of_8k_is_found_where_it_is(tmp_path, extract):
    (tmp_path / "frames").mkdir()
    frame = np.full((4320, 7680, 3), 110, np.uint8)
    frame[3000:3540, 5000:5720] = cv2.resize(FACE, (720, 540), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "frames" / "1.jpg"), frame)
    assert extract("--input", tmp_path / "frames", "--output", tmp_path / "faces")["faces"] == 1
    (face,) = open_faceset(tmp_path / "faces")
    assert difference(face.read_info().source_landmarks, LANDMARKS * 3 + np.float32([5001, 3001])) < 0.1


def test_thirty_faces_in_a_frame_are_thirty_people(tmp_path, extract):
    (tmp_path / "frames").mkdir()
    part = FACE[:120, 30:150]
    cv2.imwrite(str(tmp_path / "frames" / "1.png"), np.tile(part, (5, 6, 1)))
    found = extract("--input", tmp_path / "frames", "--output", tmp_path / "faces")
    assert found["faces"] == 30
    assert [one["faces"] for one in found["people"]] == [1] * 30


def test_frames_with_any_name_have_faces_that_know_them(tmp_path, said):
    frames = tmp_path / "frames"
    frames.mkdir()
    names = [b"\xe9\xe8.png", b"a\nb.png", "笑😀.png".encode(), b"\x1b[31mred.png", b"-x.png", b"n" * 250 + b".png"]
    for name in names:
        (frames / os.fsdecode(name)).write_bytes(PNG)
    cv2.imwrite(str(tmp_path / "none.png"), empty_frame())
    (tmp_path / "none.png").rename(frames / os.fsdecode(b"\x1b[2Jnone\xff.png"))
    shown = said("--input", frames, "--output", tmp_path / "faces")
    assert "6 faces in 7 frames" in shown
    assert "\x1b[2J" not in shown and "\x1b[31m" not in shown
    assert (tmp_path / "faces" / LIST_NAME).read_bytes() == b"\x1b[2Jnone\xff.png\n"
    assert "Nothing to do" in said("--input", frames, "--output", tmp_path / "faces")


def test_what_is_no_frame_is_named_in_both_languages_and_left_as_it_is(tmp_path, said):
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "1.png").write_bytes(PNG)
    (frames / "2.png").write_bytes(PNG[: len(PNG) // 2])
    (frames / "3.png").write_bytes(b"")
    special = put_special_files(frames, ".png")
    line = ["--input", frames, "--output", tmp_path / "faces"]
    shown = said(*line)
    assert "8 frames cannot be read and were skipped" in shown
    assert "1 face in 9 frames" in shown
    assert all(name in shown for name in special if not name.startswith("folder"))
    chinese = said(*line, language="zh")
    assert "文件不完整" in chinese and "符号链接的层数太多" in chinese
    assert "No such" not in chinese and "Too many" not in chinese
    assert len(list(frames.iterdir())) == 3 + len(special)


def test_a_photo_that_is_marked_as_turned_is_used_as_stored(tmp_path, said):
    """EXIF orientation 6, as of an upright phone."""
    frames = tmp_path / "frames"
    frames.mkdir()
    jpeg = cv2.imencode(".jpg", cv2.rotate(FACE, cv2.ROTATE_90_COUNTERCLOCKWISE))[1].tobytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    (frames / "1.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    shown = said("--input", frames, "--output", tmp_path / "faces")
    assert "faces are found whichever way up" in shown
    assert "1 face in 1 frame" in shown


def test_nobody_in_any_frame_is_said_with_advice_in_both_languages(tmp_path, said):
    (tmp_path / "frames").mkdir()
    cv2.imwrite(str(tmp_path / "frames" / "1.png"), empty_frame())
    line = ["--input", tmp_path / "frames", "--output", tmp_path / "faces"]
    assert "No face was found at all" in said(*line)
    assert "没有找到任何人脸" in said(*line, language="zh")


def test_permissions_are_said(tmp_path, said, not_root):
    for name in ("frames", "closed", "locked"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(PNG)
    (tmp_path / "frames" / "2.png").write_bytes(PNG)
    with not_root(tmp_path):
        (tmp_path / "frames" / "2.png").chmod(0)
        (tmp_path / "closed").chmod(0)
        (tmp_path / "locked").chmod(0o555)
        try:
            assert "2.png: Permission denied" in said("--input", tmp_path / "frames", "--output", tmp_path / "faces")
            assert "No permission" in said("--input", tmp_path / "closed", "--output", tmp_path / "none", code=1)
            line = ["--input", tmp_path / "frames", "--output", tmp_path / "locked" / "faces"]
            assert "没有权限" in said(*line, code=1, language="zh")
        finally:
            (tmp_path / "closed").chmod(0o755)
            (tmp_path / "locked").chmod(0o755)
