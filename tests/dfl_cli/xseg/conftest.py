"""Face sets with labels and masks, and the program as a function."""

import json
import shutil
from pathlib import Path

import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_fields


@pytest.fixture
def folder(tmp_path, fixtures) -> Path:
    """Faces that DeepFaceLab wrote: 00000_0, 00002_0 (320 pixels) and 00003_0 (full face) have labels, 00004_0 (head) has none."""
    aligned = tmp_path / "data_dst" / "aligned"
    aligned.mkdir(parents=True)
    for number in (0, 2, 3, 4):
        shutil.copy(fixtures / "xseg" / "faces" / f"0000{number}_0.jpg", aligned)
    return aligned


def in_order(jpeg: bytes) -> bytes:
    fields = read_fields(jpeg)
    return write_fields(write_fields(jpeg, {"face_type": "head"}), dict(sorted(fields.items())))


@pytest.fixture
def contents():
    """`contents(folder)`: the bytes of every picture in it by name, the fields of their face data in the order of their names."""

    def read(folder: Path) -> dict[str, bytes]:
        return {path.name: in_order(path.read_bytes()) for path in sorted(folder.glob("*.jpg"))}

    return read


@pytest.fixture
def xseg(capsys):
    """`xseg("remove", folder)` runs `dfl xseg ... --json` -> exit code, the JSON object, stderr."""

    def run(*words) -> tuple[int, dict, str]:
        capsys.readouterr()
        code = main(["xseg", *map(str, words), "--json"])
        said, errors = capsys.readouterr()
        return code, json.loads(said) if said else {}, errors

    return run


@pytest.fixture
def unpickled():
    """`unpickled(path)`: the face data in a file."""
    return lambda path: read_fields(Path(path).read_bytes())


@pytest.fixture
def copy_of(tmp_path):
    """`copy_of(folder)`: a copy of the face set."""
    return lambda folder, name="copy": Path(shutil.copytree(folder, tmp_path / name))
