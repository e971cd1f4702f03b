"""Films, frames and extractions for the tests."""

import json

import cv2
import pytest

from dfl_cli.main import main
from drawn_people import empty_frame, frame_with_face


@pytest.fixture
def film(make_film):
    """A film: five frames with a face, one without, four with."""
    pictures = [frame_with_face(step)[0] for step in range(10)]
    pictures[5] = empty_frame()
    return make_film("film.mp4", pictures=pictures)


@pytest.fixture
def frames(tmp_path):
    """A folder with three frames, the second without a face."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, picture in enumerate([frame_with_face(0)[0], empty_frame(), frame_with_face(2)[0]], start=1):
        cv2.imwrite(str(folder / f"{number:05d}.png"), picture)
    return folder


@pytest.fixture
def extract(capsys):
    """Runs `dfl extract` with --json and returns what it printed; the error where the exit code `code` is 1."""

    def run(*arguments, code=0):
        capsys.readouterr()
        found = main(["extract", *map(str, arguments), "--json", "--image-size", "256"])
        said = capsys.readouterr()
        assert found == code, said.err
        return json.loads(said.out) if code == 0 else said.err

    return run
