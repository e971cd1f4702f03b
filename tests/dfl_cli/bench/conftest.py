"""The model that benches of models are tried with."""

import pytest


@pytest.fixture
def tiny() -> list[str]:
    """Flags of a small model."""
    return [
        "--resolution=64",
        "--archi=df",
        "--ae-dims=32",
        "--e-dims=16",
        "--d-dims=16",
        "--d-mask-dims=16",
        "--batch-size=2",
    ]
