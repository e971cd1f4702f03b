"""`dfl video extract`, `join` and `cut` from their flags to the files."""

import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.provenance.claim import COMPOSITE, Claim, packet, read_packet
from dfl_cli.provenance.file_metadata import png_with, search
from dfl_cli.video.color import HD, ColorTags
from dfl_cli.video.read import VideoReader
from programs import ROOT, running

CLAIM = Claim(COMPOSITE, "dfl 0", "SAEHD hero", "iteration 5")


def dfl_video(*words):
    return main(["video", *map(str, words)])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def pictures(tmp_path):
    """Six merged pictures; the third says what it is."""
    folder = tmp_path / "merged"
    folder.mkdir()
    for number in range(1, 7):
        drawn = np.full((48, 64, 3), 30 * number, np.uint8)
        png = cv2.imencode(".png", drawn)[1].tobytes()
        (folder / f"{number:05d}.png").write_bytes(png_with(png, packet(CLAIM)) if number == 3 else png)
    return folder


def test_a_film_becomes_pictures_numbered_from_1(make_film, tmp_path, capsys):
    assert dfl_video("extract", make_film(), "--output-dir", tmp_path / "out") == 0
    assert names(tmp_path / "out") == [f"{number:05d}.png" for number in range(1, 11)]
    assert "10 frames" in capsys.readouterr().out


def test_a_part_at_another_rate_as_jpeg(make_film, tmp_path):
    path = make_film(count=60)
    words = ["--fps", "10", "--format", "jpg", "--from", "0.5", "--to", "00:00:01.450"]
    assert dfl_video("extract", path, "--output", tmp_path / "out", *words) == 0
    assert names(tmp_path / "out") == [f"{number:05d}.jpg" for number in range(1, 11)]


def test_pictures_that_are_there_stay_unless_asked(make_film, tmp_path, capsys):
    out = tmp_path / "out"
    (out / "aligned").mkdir(parents=True)
    for name in ("00077.png", "notes.txt", "aligned/1.png"):
        (out / name).touch()
    assert dfl_video("extract", make_film(), "--output", out) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert names(out) == ["00077.png", "aligned", "notes.txt"]
    assert dfl_video("extract", make_film(), "--output", out, "--overwrite") == 0
    assert len(names(out)) == 12
    assert names(out / "aligned") == ["1.png"]


def test_pictures_become_a_film_that_says_what_one_of_them_says(pictures, read_film, tmp_path):
    for suffix in (".mp4", ".mkv", ".mov"):
        out = tmp_path / f"out{suffix}"
        assert dfl_video("join", pictures, "--output", out, "--fps", "29.97") == 0
        film = read_film(out)
        assert [float(p.mean()) for p in film.pictures] == pytest.approx([30 * n for n in range(1, 7)], abs=2)
        assert film.tags == HD or suffix == ".mkv"
        assert read_packet(search(out).packet) == CLAIM
        assert main(["verify", str(out)]) == 0
    assert dfl_video("join", pictures, "--output", tmp_path / "silent.mp4", "--no-metadata") == 0
    assert main(["verify", str(tmp_path / "silent.mp4")]) == 1


def test_a_reference_gives_clock_colors_and_sound(pictures, make_film, read_film, tmp_path):
    times = [Fraction(n, 30) for n in (0, 1, 3, 4, 8, 9)]
    tags = ColorTags(6, 6, 5, 1)
    reference = make_film("reference.mp4", count=6, times=times, color=tags)
    assert (
        dfl_video(
            "join", pictures, "--output", tmp_path / "out.mp4", "--reference", tmp_path / "reference.*", "--audio"
        )
        == 0
    )
    film = read_film(tmp_path / "out.mp4")
    assert (film.times, film.tags) == (times, tags)
    assert [content for _, content in film.audio] == [content for _, content in read_film(reference).audio]


def test_the_milliseconds_of_matroska_do_not_bend_an_even_clock(pictures, make_film, read_film, tmp_path):
    reference = make_film("reference.mkv", count=6)
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mp4", "--reference", reference) == 0
    film = read_film(tmp_path / "out.mp4")
    assert film.rate == Fraction(30000, 1001)
    assert not film.audio


def test_a_lossless_film_keeps_every_pixel(pictures, read_film, tmp_path):
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mp4", "--lossless") == 0
    assert all((p == 30 * n).all() for n, p in enumerate(read_film(tmp_path / "out.mp4").pictures, start=1))


def test_a_picture_that_cannot_be_read_is_replaced_by_the_one_before(pictures, read_film, tmp_path, capsys):
    (pictures / "00004.png").write_bytes(b"half")
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mp4") == 0
    assert "Cannot read 00004.png" in capsys.readouterr().err
    assert float(read_film(tmp_path / "out.mp4").pictures[3].mean()) == pytest.approx(90, abs=2)


def test_a_picture_of_another_size_is_named_and_nothing_is_left(pictures, tmp_path, capsys):
    cv2.imwrite(str(pictures / "00005.png"), np.zeros((20, 20, 3), np.uint8))
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mp4") == 1
    assert "00005.png is 20x20" in capsys.readouterr().err
    assert names(tmp_path) == ["merged"]


def test_a_film_that_is_there_stays_unless_asked(pictures, tmp_path, capsys):
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")
    assert dfl_video("join", pictures, "--output", out) == 1
    assert out.read_bytes() == b"mine"
    assert dfl_video("join", pictures, "--output", out, "--overwrite") == 0
    assert dfl_video("join", pictures, "--output", tmp_path / "out.gif") == 1
    assert ".mkv" in capsys.readouterr().err


def test_a_signed_film_is_valid_until_it_is_changed(pictures, make_film, tmp_path, certificates, capsys):
    import json

    made, out = certificates(), tmp_path / "out.mp4"
    reference = make_film("reference.mp4", count=6)
    words = ["--output", out, "--reference", reference, "--audio", "--sign", made.chain, made.key]
    assert dfl_video("join", pictures, *words) == 0
    capsys.readouterr()
    assert main(["verify", str(out), "--trust", str(made.root), "--json"]) == 0
    [fact] = json.loads(capsys.readouterr().out)["files"]
    assert (fact["c2pa"]["state"], fact["xmp"]["source_type"]) == ("trusted", COMPOSITE)
    assert sorted(fact["c2pa"]["ingredients"]) == ["SAEHD hero", "reference.mp4"]
    content = bytearray(out.read_bytes())
    content[content.find(b"mdat") + 40] ^= 1
    out.write_bytes(content)
    assert main(["verify", str(out)]) == 1
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mkv", "--sign", made.chain, made.key) == 1


def test_a_part_of_a_film(make_film, read_film, tmp_path, capsys):
    path = make_film(count=60)
    assert dfl_video("cut", path, "--from", "0:01", "--to", "1.5") == 0
    part = read_film(tmp_path / "film_cut.mp4")
    assert len(part.pictures) == 15
    assert 0 <= part.times[0] < Fraction(1, 29)
    assert 0.45 < part.audio[-1][0] < 0.5
    assert part.tags == HD
    assert dfl_video("cut", path, "--from", "70", "--overwrite") == 1
    assert "no frames between these times" in capsys.readouterr().err
    assert (tmp_path / "film_cut.mp4").exists()
    assert dfl_video("cut", path, "--audio-track", "3", "--overwrite") == 1


def test_cutting_keeps_what_a_film_says_of_its_origin(pictures, tmp_path):
    assert dfl_video("join", pictures, "--output", tmp_path / "out.mp4") == 0
    assert dfl_video("cut", tmp_path / "out.mp4", "--to", "0.1") == 0
    assert read_packet(search(tmp_path / "out_cut.mp4").packet) == CLAIM


@pytest.mark.parametrize("words", [["extract", "{}", "--output", "out"], ["cut", "{}"]])
def test_what_is_no_video_is_explained_in_both_languages(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.mp4").write_bytes(b"no video")
    assert dfl_video(*(word.format("x.mp4") for word in words)) == 1
    assert "as a video" in capsys.readouterr().err
    assert dfl_video(*(word.format("x.mp4") for word in words), "--lang", "zh") == 1
    assert "无法作为视频读取" in capsys.readouterr().err
    assert dfl_video(*(word.format("gone.mp4") for word in words)) == 1


def test_a_film_that_breaks_off_says_how_much_there_is(make_film, tmp_path, capsys):
    import av

    whole, part = make_film("whole.mp4", count=60), tmp_path / "part.mp4"
    with av.open(str(whole)) as source, av.open(str(part), "w", options={"movflags": "+faststart"}) as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    part.write_bytes(part.read_bytes()[: part.stat().st_size * 3 // 4])
    assert dfl_video("extract", part, "--output", tmp_path / "out") == 0
    assert "part.mp4 declares 60 frames" in capsys.readouterr().err
    assert 0 < len(names(tmp_path / "out")) < 60


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_film_leaves_nothing(pictures, tmp_path, number):
    for index in range(7, 400):
        shutil.copy(pictures / "00001.png", pictures / f"{index:05d}.png")
    words = ["video", "join", str(pictures), "--output", str(tmp_path / "out.mp4"), "--lossless"]
    with running([sys.executable, "-m", "dfl_cli.main", *words], stderr=subprocess.DEVNULL) as program:
        while program.poll() is None and not any(path.stat().st_size for path in tmp_path.glob(".out.mp4.*.partial")):
            time.sleep(0.01)
        program.send_signal(number)
    assert program.returncode == 128 + number
    assert names(tmp_path) == ["merged"]


def test_on_a_terminal_the_questions_are_those_of_the_reference(pictures, tmp_path):
    pexpect = pytest.importorskip("pexpect")
    words = ["-m", "dfl_cli.main", "video", "join", str(pictures), "--output", str(tmp_path / "out.mp4")]
    person = pexpect.spawn(sys.executable, words, cwd=str(ROOT), timeout=60, encoding="utf-8")
    person.expect(r"\[25.0\] Enter FPS \( \?:help \) : ")
    person.sendline("30")
    person.expect(r"\[16.0\] Bitrate of output file in Mbit/s")
    person.sendline("")
    person.expect("6 frames: ")
    person.expect(pexpect.EOF)
    assert VideoReader(tmp_path / "out.mp4").facts().rate == 30


def test_a_place_that_cannot_be_written_is_named(make_film, pictures, tmp_path, capsys):
    film, taken = make_film(), tmp_path / "taken"
    (taken / "out.mp4" / "x").mkdir(parents=True)
    assert dfl_video("join", pictures, "--output", taken / "out.mp4", "--overwrite") == 1
    (taken / "00001.png" / "x").mkdir(parents=True)
    assert dfl_video("extract", film, "--output", taken) == 1
    said = capsys.readouterr().err
    assert "out.mp4." in said and "Cannot write" in said
    assert "00001.png." in said and "Cannot write" in said
    assert names(taken) == ["00001.png", "out.mp4"]
