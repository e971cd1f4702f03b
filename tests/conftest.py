"""Things every test file may ask for."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


settings.register_profile("patient", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("patient")


def pytest_configure() -> None:
    """Programs that tests start shall hear Ctrl-C, even where a shell started the tests in the background and made them deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):  # nor open windows before the eyes of whoever runs the tests
        os.environ.pop(display, None)


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
