"""`dfl video denoise`: less noise, and everything else as it was."""

import json
import os

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.provenance.claim import Claim, packet
from dfl_cli.provenance.file_metadata import png_with, search
from drawn_people import frame_with_face

COUNT = 4


@pytest.fixture
def clean():
    """Frames of a face that moves."""
    return [frame_with_face(step)[0] for step in range(COUNT)]


@pytest.fixture
def noisy(tmp_path, clean):
    """A folder with the same frames, under noise of 6 levels."""
    folder, rng = tmp_path / "frames", np.random.default_rng(5)
    folder.mkdir()
    for number, frame in enumerate(clean):
        cv2.imwrite(str(folder / f"{number:05d}.png"), with_noise(frame, rng))
    return folder


def with_noise(frame, rng):
    return np.clip(np.rint(frame + rng.normal(0, 6, frame.shape)), 0, 255).astype(np.uint8)


@pytest.fixture
def denoise(capsys):
    def run(*words) -> dict:
        assert main(["video", "denoise", *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def gains(clean, before, after):
    """How much nearer each frame is to the one without noise, in dB."""
    for number, frame in enumerate(clean):
        one, other = (cv2.imread(str(folder / f"{number:05d}.png")) for folder in (before, after))
        yield cv2.PSNR(other, frame) - cv2.PSNR(one, frame)


def test_frames_come_nearer_to_what_they_were_without_noise(noisy, clean, denoise):
    assert denoise(noisy)["written"] == COUNT
    assert min(gains(clean, noisy, noisy.with_name("frames_denoised"))) > 3


def test_the_frames_before_and_after_help(noisy, clean, denoise, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    os.link(noisy / "00001.png", alone / "00001.png")
    denoise(noisy)
    denoise(alone)
    one, all_three = (cv2.imread(str(tmp_path / name / "00001.png")) for name in ("alone_denoised", "frames_denoised"))
    assert cv2.PSNR(all_three, clean[1]) > cv2.PSNR(one, clean[1]) + 0.2


def test_what_is_there_stays_and_other_factors_do_not_mix(noisy, denoise, capsys):
    denoise(noisy)
    out = noisy.with_name("frames_denoised")
    (out / "00002.png").unlink()
    done = denoise(noisy)
    assert (done["written"], done["already_there"]) == (1, COUNT - 1)
    assert main(["video", "denoise", str(noisy), "--factor", "3", "--silent-start"]) == 1
    assert "factor=7" in capsys.readouterr().err
    assert denoise(noisy, "--factor", 3, "--overwrite")["written"] == COUNT


def test_broken_frames_special_files_and_other_sizes_are_no_obstacle(noisy, denoise):
    (noisy / "00001.png").write_bytes(b"nothing")
    (noisy / "00002.png").unlink()
    os.mkfifo(noisy / "00002.png")
    cv2.imwrite(str(noisy / "00003.png"), np.full((40, 60, 3), 90, np.uint8))
    done = denoise(noisy)
    assert [each["name"] for each in done["skipped"]] == ["00001.png", "00002.png"]
    assert done["written"] == 2


def test_sixteen_bits_and_where_a_frame_comes_from_survive(noisy, denoise):
    deep = np.random.default_rng(1).integers(30000, 30600, (60, 80, 3)).astype(np.uint16)
    content = cv2.imencode(".png", deep)[1].tobytes()
    claim = packet(Claim("a model", "0123", "now", "https://example.org"))
    (noisy / "00001.png").write_bytes(png_with(content, claim))
    denoise(noisy)
    path = noisy.with_name("frames_denoised") / "00001.png"
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint16 and len(np.unique(found)) > 100
    assert search(path).packet == claim


def test_jpeg_frames_stay_jpeg_and_keep_their_metadata(noisy, denoise):
    jpeg = cv2.imencode(".jpg", cv2.imread(str(noisy / "00000.png")), [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    note = b"\xff\xe1" + (2 + 12).to_bytes(2, "big") + b"Exif\0\0a note"
    (noisy / "00000.png").unlink()
    (noisy / "00000.jpg").write_bytes(jpeg[:2] + note + jpeg[2:])
    denoise(noisy)
    assert note in (noisy.with_name("frames_denoised") / "00000.jpg").read_bytes()


def test_the_frames_themselves_are_never_overwritten(noisy, capsys):
    before = {path.name: path.read_bytes() for path in noisy.iterdir()}
    assert main(["video", "denoise", str(noisy), "--output", str(noisy), "--overwrite", "--silent-start"]) == 1
    assert "--output" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in noisy.iterdir()} == before
