"""The child process of `trial`: runs a network on the CPU, within the memory that is free, and prints what it found out."""

import contextlib
import json
import sys
from pathlib import Path

from dfl_cli.enhance.super_resolution import examine
from dfl_cli.enhance.trial import UnusableNetwork
from samplers.face_cache import free_memory


def main(path: str, values: str) -> None:
    """Prints in a line of JSON what was found, or why the network cannot be used."""
    limit_memory()
    try:
        found = examine(Path(path), values)
    except UnusableNetwork as error:
        found = {"reason": error.reason, "details": error.details}
    except MemoryError as error:
        found = {"reason": "fails", "details": str(error)[:200]}
    print(json.dumps(found), flush=True)


def limit_memory() -> None:
    """To half of what is free now, so that a network that asks for more gets an error and the other programs keep theirs."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (free_memory() // 2, resource.getrlimit(resource.RLIMIT_DATA)[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
