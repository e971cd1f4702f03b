"""Pictures in files as the frames of one film: their order, their sizes, and marks that turn them."""

import cv2
import numpy as np
import pytest
from PIL import Image

from dfl_cli.errors import UserError
from dfl_cli.frames import list_frames
from dfl_cli.main import main
from dfl_cli.video.extract import digits_for, expected_frames, widen
from dfl_cli.video.frame_files import check_frames, mention_order
from dfl_cli.video.read import VideoReader


def frames_named(folder, *names):
    """Files of these names, each brighter than the one before."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), np.full((16, 16, 3), 20 + 20 * number, np.uint8))
    return folder


def brightness(path):
    return [round(float(frame.picture.mean()) / 20) - 1 for frame in VideoReader(path).frames()]


@pytest.mark.parametrize(
    "names",
    [
        ("99998.png", "99999.png", "100000.png", "100003.png"),
        ("frame1.png", "frame2.png", "frame10.png", "frame11.png"),
        ("take 9 (9).png", "take 9 (10).png", "take 10 (1).png"),
        ("f-00_59.png", "f-01_00.png", "f-10_00.png"),
    ],
)
def test_a_film_shows_its_frames_in_the_order_of_their_numbers(tmp_path, capsys, names):
    folder = frames_named(tmp_path / "frames", *names)
    assert main(["video", "join", str(folder), "--output", str(tmp_path / "o.mp4"), "--silent-start"]) == 0
    assert brightness(tmp_path / "o.mp4") == list(range(len(names)))
    assert "patterns" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "words", "comma"), [("en", "different patterns", ", "), ("zh", "文件名格式不一", "、")]
)
def test_names_that_mix_patterns_have_their_order_told(tmp_path, capsys, language, words, comma):
    folder = frames_named(tmp_path / "frames", "00001.png", "00002.png", "IMG_7.png", "IMG_31.png", "last.png")
    command = ["video", "join", str(folder), "--output", str(tmp_path / "o.mp4"), "--silent-start", "--lang", language]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert words in said
    assert comma.join(["00001.png .. 00002.png", "IMG_7.png .. IMG_31.png", "last.png"]) in said


def test_numbers_that_are_there_twice_are_told(tmp_path, capsys):
    mention_order(list_frames(frames_named(tmp_path, "1.png", "01.png", "2.png", "10.png")))
    assert "same number are used one after the other: 01.png, 1.png" in capsys.readouterr().err


def test_photos_without_numbers_have_no_order_to_tell(tmp_path, capsys):
    mention_order(list_frames(frames_named(tmp_path, "anna.png", "ben.png")))
    assert not capsys.readouterr().err


def test_a_second_file_of_a_name_is_left_out_of_a_film_and_told(tmp_path, capsys):
    folder = frames_named(tmp_path / "frames", "1.jpg", "1.png", "2.png")
    assert main(["video", "join", str(folder), "--output", str(tmp_path / "o.mp4"), "--silent-start"]) == 0
    assert "different extension: 1.png" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "digits"), [(0, 5), (99_999, 5), (100_000, 6), (1_234_567, 7)])
def test_numbers_are_as_long_as_the_film_needs(make_film, count, digits):
    facts = VideoReader(make_film(audio=False)).facts()
    answers = {"fps": 0, "from_time": 0, "to_time": 0}
    assert digits_for(expected_frames(facts._replace(declared_frames=count or 10), answers)) == digits
    long = facts._replace(declared_frames=0, seconds=count / float(facts.rate))
    assert digits_for(expected_frames(long, answers)) == digits


def test_a_part_and_another_rate_need_fewer_or_more_numbers(make_film):
    facts = VideoReader(make_film(audio=False)).facts()._replace(seconds=5000.0, declared_frames=149_850)
    assert expected_frames(facts, {"fps": 10, "from_time": 0, "to_time": 0}) == 50_000
    assert expected_frames(facts, {"fps": 0, "from_time": 4000, "to_time": 9000}) == 29_970


def test_a_film_longer_than_it_says_has_its_numbers_made_longer(tmp_path):
    for number in range(1, 10):
        (tmp_path / f"{number}.png").write_text(str(number))
    widen(tmp_path, "png", 100_000, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{number:06d}.png" for number in range(1, 10)]
    assert (tmp_path / "000007.png").read_text() == "7"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_frame_of_another_size_is_named(tmp_path, suffix):
    folder = frames_named(tmp_path, *(f"{number}.{suffix}" for number in range(1, 12)))
    cv2.imwrite(str(folder / f"10.{suffix}"), np.zeros((16, 24, 3), np.uint8))
    (folder / f"2.{suffix}").write_bytes(b"no picture")
    with pytest.raises(UserError) as told:
        check_frames(list_frames(folder))
    assert f"10.{suffix} is 24x16, the first one is 16x16" in str(told.value)


def photo(path, orientation, size=(40, 20)):
    marked = Image.Exif()
    marked[0x0112] = orientation
    Image.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(path, exif=marked)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_photos_that_are_marked_to_be_turned_are_told_once(tmp_path, capsys, suffix):
    for number, orientation in enumerate((1, 6, 3, 8)):
        photo(tmp_path / f"{number}.{suffix}", orientation)
    check_frames(list_frames(tmp_path))
    said = capsys.readouterr().err
    assert said.count("EXIF") == 1
    assert f"3 images, 1.{suffix} first" in said


def test_a_turned_tiff_is_upright_and_has_the_size_of_that(tmp_path):
    photo(tmp_path / "1.tif", 6)
    photo(tmp_path / "2.tif", 1, size=(20, 40))
    check_frames(list_frames(tmp_path))


@pytest.fixture
def growing_film(make_film, tmp_path):
    """Ten frames of 64x48, then ten of 96x80."""
    path = tmp_path / "growing.h264"
    parts = [make_film(f"{size[0]}.h264", size=size, audio=False) for size in ((64, 48), (96, 80))]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def test_a_film_that_changes_its_size_is_extracted_and_that_is_told(growing_film, tmp_path, capsys):
    assert main(["video", "extract", str(growing_film), "--output", str(tmp_path / "o"), "--silent-start"]) == 0
    assert "frame 11 at" in capsys.readouterr().err
    assert len(list((tmp_path / "o").iterdir())) == 20


@pytest.mark.parametrize(("language", "words"), [("en", "frame 11 at"), ("zh", "第 11 帧")])
def test_a_cut_across_a_change_of_size_is_refused(growing_film, tmp_path, capsys, language, words):
    command = ["video", "cut", str(growing_film), "--output", str(tmp_path / "o.mp4"), "--silent-start"]
    assert main([*command, "--lang", language]) == 1
    said = capsys.readouterr().err
    assert words in said and "96x80" in said and "64x48" in said
    assert not (tmp_path / "o.mp4").exists()
    assert main([*command, "--to", "0.3"]) == 0
