"""Things every test file may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from programs import hear_signals

ROOT = Path(__file__).resolve().parent.parent


settings.register_profile("patient", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("patient")


def pytest_configure() -> None:
    hear_signals()
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):  # no windows before the eyes of whoever runs the tests
        os.environ.pop(display, None)


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
