"""A face set with labels, for other programs to have."""

import json
import shutil

import pytest

from dfl_cli.main import main


@pytest.fixture
def folder(tmp_path, fixtures):
    """Four faces of 256 pixels; 00002_0.jpg and 00003_0.jpg have polygons, 00001_0.jpg has an XSeg mask."""
    return shutil.copytree(fixtures / "formats", tmp_path / "aligned", ignore=shutil.ignore_patterns("*[!g]"))


@pytest.fixture
def dfl(capsys):
    """`dfl("export-labels", ...)`: the facts that `dfl xseg ... --json` prints, with its exit code."""

    def run(*arguments) -> dict:
        capsys.readouterr()
        code = main(["xseg", *map(str, arguments), "--json"])
        printed = capsys.readouterr()
        return {"code": code, "error": printed.err, **(json.loads(printed.out) if printed.out else {})}

    return run
