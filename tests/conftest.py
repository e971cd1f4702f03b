"""Things every test file may ask for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from eager import computing_eagerly
from programs import hear_signals

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534  # a user id


settings.register_profile("patient", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("patient")


def pytest_configure() -> None:
    hear_signals()
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):  # no windows before the eyes of whoever runs the tests
        os.environ.pop(display, None)
    os.environ["TERM"] = "dumb"  # plain lines at a terminal; `terminal.Terminal` is one that can do more
    os.environ["TERM"] = "dumb"  # plain lines and no colors at a terminal
    for taste in ("DFL_WORKSPACE", "DFL_LANG", "NO_COLOR", "FORCE_COLOR"):  # of whoever runs the tests
        os.environ.pop(taste, None)


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(3600))  # seconds


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the specification, the recorded outputs and the real faces; beside the repository where it exists."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with recorded outputs and real faces is not here")
    return folder


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Small recorded outputs that live in the repository."""
    return ROOT / "tests" / "fixtures"


@pytest.fixture
def eagerly():
    """Steps are computed as they are written, see `computing_eagerly`."""
    with computing_eagerly():
        yield


@pytest.fixture
def not_root():
    """`with not_root(folder):` run as somebody whom permissions hold, to whom `folder` belongs; root is allowed everything."""

    @contextmanager
    def run(folder: Path) -> Iterator[None]:
        if not hasattr(os, "geteuid"):
            pytest.skip("a system without such permissions")
        if os.geteuid():
            yield
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        opened = [path for path in folder.parents if path.stat().st_mode & 0o11 != 0o11]
        modes = {path: path.stat().st_mode for path in opened}
        for path in opened:
            path.chmod(modes[path] | 0o11)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            for path, mode in modes.items():
                path.chmod(mode)

    return run
