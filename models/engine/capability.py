"""Which cards the engines carry code for, by compute capability. Loads none of them.

Machine code of a capability runs on all later ones of the same generation: that of 8.0 on 8.6, but not on 9.0. Generations that the
libraries have no code for cannot be trained on.
"""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

# Engine -> generation -> the least capability of it, for the versions that pyproject.toml allows.
CARRIED: Mapping[str, Mapping[int, float]] = {
    "tensorflow": {6: 6.0, 7: 7.0, 8: 8.0, 9: 9.0, 10: 10.0},
    "jax": {7: 7.5, 8: 8.0, 9: 9.0, 10: 10.0, 12: 12.0},
}


def carries(engine: str, capability: float) -> bool:
    """Whether a card of this compute capability can be trained on."""
    least = CARRIED[engine].get(int(capability))
    return least is not None and capability >= least


def installed_version(engine: str) -> str | None:
    try:
        return version(engine)
    except PackageNotFoundError:
        return None
