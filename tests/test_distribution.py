"""What pip installs: all of the program and nothing else, under a name of its own, working far from the checkout."""

import configparser
import email
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from dfl_cli.doctor.installed import EXTRAS
from dfl_cli.text_files import toml
from dfl_cli.version import VERSION
from programs import ROOT

PACKAGES = ("dfl_cli", "models", "samplers")
REASON = "docs/decisions/0042-name-of-the-distribution.md"  # names the other distribution
PROJECT = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = PROJECT["name"]
WITH_EXTRAS = re.compile(r'pip install(?: --[\w-]+)* \\?"([\w-]+)\[([\w,]+)\]')
STRANGER = re.compile(r'pip install(?: --[\w-]+)* \\?"?dfl\b(?!-)')
DESCRIBES = {"CHANGELOG.md", "LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "README.zh.md", "pyproject.toml",
             "setup.cfg", "setup.py"}  # fmt: skip


def tracked() -> list[str]:
    """The files of the checkout, without what git ignores."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def of_the_program() -> set[str]:
    return {name for name in tracked() if name.partition("/")[0] in PACKAGES}


def build(kind: str, source: Path, target: Path) -> Path:
    """`sdist` or `wheel` of the folder `source`, by the tools that are here: nothing is fetched."""
    code = f"import sys; from setuptools import build_meta; print(build_meta.build_{kind}(sys.argv[1]))"
    line = [sys.executable, "-c", code, str(target)]
    done = subprocess.run(line, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    pytest.importorskip("setuptools", minversion="77", reason="older ones know no license expressions")
    home = tmp_path_factory.mktemp("sdist")
    for name in tracked():
        if not name.startswith(("docs/", "tests/fixtures/")):
            (home / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, home / "checkout" / name)
    return build("sdist", home / "checkout", home)


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory) -> Path:
    """Made from the sdist, as `make dist` does."""
    home = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(home, filter="data")
    (source,) = home.iterdir()
    return build("wheel", source, home)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder with the content of the wheel, which is what pip makes of one."""
    place = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def test_the_sdist_holds_the_program_and_what_describes_it(sdist):
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert sdist.name == f"{NAME.replace('-', '_')}-{VERSION}.tar.gz"
    rest = {name for name in names if not re.match(r"\w+\.egg-info/", name)}
    assert rest == of_the_program() | DESCRIBES


def test_the_wheel_holds_every_file_of_the_program_with_compiled_texts(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {re.sub(r"\.po$", ".mo", name) for name in of_the_program()}
    assert {Path(name).suffix for name in names} >= {".mo", ".css", ".js", ".html", ".svg", ".onnx", ".json"}


def test_the_wheel_says_its_name_its_command_and_its_licenses(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = email.message_from_bytes(archive.read(inside["METADATA"]))
        scripts = configparser.ConfigParser()
        scripts.read_string(archive.read(inside["entry_points.txt"]).decode())
    assert (metadata["Name"], metadata["Version"]) == (NAME, VERSION)
    assert metadata["License-Expression"] == PROJECT["license"]
    assert dict(scripts["console_scripts"]) == {"dfl": "dfl_cli.main:main"}
    licenses = {Path(name).name for name in inside if name.startswith("licenses/")}
    assert licenses == {"LICENSE", "LICENSE-Apache-2.0.txt", "LICENSE-MIT.txt"}


def run(installed: Path, away: Path, *line: str) -> subprocess.CompletedProcess:
    """A Python program that finds the installed files first, in the folder `away`."""
    environment = os.environ | {"PYTHONPATH": str(installed), "DFL_LANG": "en", "DFL_CPU": "1"}
    done = subprocess.run([sys.executable, *line], cwd=away, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_nothing_of_the_checkout_is_used(installed, tmp_path):
    code = f"import {', '.join(PACKAGES)}; print({', '.join(f'{name}.__file__' for name in PACKAGES)}, sep='\\n')"
    found = [Path(line) for line in run(installed, tmp_path, "-c", code).stdout.splitlines()]
    assert found == [installed / name / "__init__.py" for name in PACKAGES]


def test_what_is_installed_says_its_version_and_speaks_chinese(installed, tmp_path):
    assert run(installed, tmp_path, "-m", "dfl_cli.main", "--version").stdout == f"dfl {VERSION}\n"
    assert "终端里的换脸训练器。" in run(installed, tmp_path, "-m", "dfl_cli.main", "--lang", "zh", "--help").stdout


@pytest.mark.soak
def test_what_is_installed_examines_the_machine_and_runs_the_demo(installed, tmp_path):
    """`make test-wheel` does the same with libraries installed from nothing."""
    doctor = json.loads(run(installed, tmp_path, "-m", "dfl_cli.main", "doctor", "--json").stdout)
    assert "missing" not in {finding["key"] for finding in doctor["findings"]}
    run(installed, tmp_path, "-m", "dfl_cli.main", "demo", "--iterations", "2", "--workspace", "demo")
    assert (tmp_path / "demo" / "contact_sheet.png").stat().st_size > 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_every_text_names_this_distribution_and_an_extra_it_has():
    """The name dfl belongs to a stranger: whoever follows such a line would install their program."""
    extras, wrong = PROJECT["optional-dependencies"].keys(), []
    for name in tracked():
        says = name.startswith(("dfl_cli/", "docs/", "README", "CHANGELOG")) and name.endswith((".py", ".po", ".md"))
        if says and name != REASON:
            text = (ROOT / name).read_text(encoding="utf-8")
            asked = [(found, set(which.split(","))) for found, which in WITH_EXTRAS.findall(text)]
            wrong += [(name, found, which) for found, which in asked if found != NAME or not which <= extras]
            wrong += [(name, line) for line in STRANGER.findall(text)]
    assert wrong == []
    assert extras >= EXTRAS.keys()
