"""A recorded DeepFaceLab model to import, and the program as a function."""

import shutil
from pathlib import Path

import pytest

from dfl_cli.main import main
from samplers.files.pickles import safe_pickle


@pytest.fixture
def dfl_folder(fixtures, tmp_path) -> Path:
    """A copy of a model folder that DeepFaceLab wrote after 3 iterations: new_SAEHD, df, dims below the questions' limits."""
    folder = tmp_path / "dfl"
    shutil.copytree(fixtures / "dfl" / "model", folder)
    return folder


@pytest.fixture
def models(tmp_path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def dfl(capsys):
    """`dfl("list", "--models", folder)` runs `dfl model ...` -> exit code, stdout, stderr."""

    def run(*words) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["model", *map(str, words)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def imported(dfl, dfl_folder, models):
    """The models folder with that model imported as `tiny`."""
    assert dfl("import-dfl", dfl_folder, "--name", "tiny", "--to", models)[0] == 0
    return models


@pytest.fixture
def edit():
    """`edit(path, change)`: rewrite a pickled dictionary; `change` alters it in place."""

    def rewrite(path: Path, change) -> None:
        content = dict(safe_pickle.loads(path.read_bytes()))
        change(content)
        path.write_bytes(safe_pickle.dumps(content))

    return rewrite
