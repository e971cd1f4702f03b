"""Face sets for the tests of `dfl faceset`."""

import shutil
from pathlib import Path

import pytest

from dfl_cli.main import main
from two_people import write_frames


@pytest.fixture
def folder(tmp_path, fixtures) -> Path:
    """Four faces, 00000_0.jpg to 00003_0.jpg."""
    return Path(shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]")))


@pytest.fixture(scope="session")
def extracted(tmp_path_factory, fixtures) -> Path:
    root = tmp_path_factory.mktemp("extracted")
    frames = write_frames(root / "frames", fixtures / "extract" / "two_people.jpg")
    line = ["extract", "--input", frames, "--output", root / "aligned", "--image-size", 256, "--silent-start"]
    assert main([str(word) for word in line]) == 0
    return root


@pytest.fixture
def two_people(tmp_path, extracted) -> Path:
    """A face set of two people with the index of its extraction: 15 faces of a man, A, and 14 of a woman, B."""
    return Path(shutil.copytree(extracted, tmp_path, dirs_exist_ok=True)) / "aligned"


@pytest.fixture
def contents():
    """`contents(folder)`: the bytes of every picture in it, by name."""

    def read(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}

    return read
