"""The preview history as a film, read back."""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dfl_cli.main import main
from dfl_cli.model.timelapse import spread
from dfl_cli.store.model_dir import ModelDir

PICTURES = 6


@pytest.fixture
def models(tmp_path) -> Path:
    """The model ab with pictures of iterations 10 to 60 whose grey is the iteration, each below a black graph."""
    folder = tmp_path / "models"
    model = ModelDir(folder / "ab")
    model.create("SAEHD", {})
    model.save({"model_class": "SAEHD", "iteration": 60, "options": {}, "seed": 1}, {})
    for preview in ("SAEHD", "SAEHD masked"):
        history = model.folder / "history" / preview
        history.mkdir(parents=True)
        for iteration in range(10, 10 * PICTURES + 1, 10):
            picture = np.full((164, 320, 3), iteration, np.uint8)
            picture[:100] = 0
            cv2.imwrite(str(history / f"{iteration:07d}.jpg"), picture)
    return folder


def timelapse(models: Path, output: str, *flags: str) -> int:
    return main(["model", "timelapse", "ab", f"--models={models}", f"--output={models.parent / output}", *flags])


def frames_of(path: Path) -> list[np.ndarray]:
    """RGB."""
    if path.suffix == ".gif":
        with Image.open(path) as film:
            return [np.array(film.seek(number) or film.convert("RGB")) for number in range(film.n_frames)]
    av = pytest.importorskip("av")
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


@pytest.mark.parametrize("name", ["film.mp4", "film.gif"])
def test_a_film_shows_every_picture_in_order(models, name, capsys):
    assert timelapse(models, name) == 0
    frames = frames_of(models.parent / name)
    assert {frame.shape for frame in frames} == {(164, 320, 3)}
    np.testing.assert_allclose([frame[130, 160, 0] for frame in frames], [10, 20, 30, 40, 50, 60], atol=3)
    assert f"{PICTURES} images of SAEHD: " in capsys.readouterr().out


def test_size_length_preview_and_graph_can_be_chosen(models):
    flags = ("--preview=SAEHD masked", "--no-graph", "--height=128", "--seconds=0.3", "--fps=10")
    assert timelapse(models, "film.gif", *flags) == 0
    frames = frames_of(models.parent / "film.gif")
    assert [frame.shape for frame in frames] == [(128, 640, 3)] * 3
    np.testing.assert_allclose([frame[20, 600, 0] for frame in frames], [10, 30, 60], atol=10)
    assert all(frame[-30:, :60].max() == 255 for frame in frames)  # the iteration
    with Image.open(models.parent / "film.gif") as film:
        assert film.info["duration"] == 100


def test_pictures_of_another_shape_and_damaged_ones_do_not_end_it(models):
    history = models / "ab" / "history" / "SAEHD"
    cv2.imwrite(str(history / "0000010.jpg"), np.full((292, 320, 3), 200, np.uint8))  # a larger batch
    (history / "0000020.jpg").write_bytes(b"\xff\xd8 cut off")
    assert timelapse(models, "film.gif") == 0
    assert [frame.shape for frame in frames_of(models.parent / "film.gif")] == [(164, 320, 3)] * (PICTURES - 1)


@pytest.mark.parametrize(("language", "said"), [("en", "--write-preview-history y"), ("zh", "没有预览历史")])
def test_without_a_history_it_says_how_to_get_one(models, language, said, capsys):
    for path in models.rglob("*.jpg"):
        path.unlink()
    assert timelapse(models, "film.mp4", f"--lang={language}") == 1
    assert said in capsys.readouterr().err
    assert not (models.parent / "film.mp4").exists()


def test_a_preview_there_is_not_and_a_name_that_is_no_film_are_told(models, capsys):
    assert timelapse(models, "film.mp4", "--preview=AMP") == 1
    assert "SAEHD, SAEHD masked" in capsys.readouterr().err
    assert timelapse(models, "film.txt") == 1
    assert ".gif" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("total", "count", "kept"), [(5, None, [0, 1, 2, 3, 4]), (5, 9, [0, 1, 2, 3, 4]), (5, 3, [0, 2, 4]), (5, 1, [0])]
)
def test_pictures_are_left_out_evenly(total, count, kept):
    assert list(spread(range(total), count)) == kept


def test_copies_and_special_files_in_the_history_are_passed_over(models):
    history = models / "ab" / "history" / "SAEHD"
    shutil.copy(history / "0000030.jpg", history / "0000030 (1).jpg")
    os.mkfifo(history / "0000035.jpg")
    (history / "0000036.jpg").mkdir()
    os.mkfifo(models / "ab" / "history" / "A fifo")
    assert timelapse(models, "film.gif") == 0
    assert len(frames_of(models.parent / "film.gif")) == PICTURES
