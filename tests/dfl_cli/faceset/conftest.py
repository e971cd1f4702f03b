"""Face sets for the tests of `dfl faceset`."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path, fixtures) -> Path:
    """Four faces, 00000_0.jpg to 00003_0.jpg."""
    return Path(shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]")))


@pytest.fixture
def contents():
    """`contents(folder)`: the bytes of every picture in it, by name."""

    def read(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}

    return read
