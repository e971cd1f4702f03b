"""What stands in people's folders under the name of a picture and is no file that can be read."""

import os
import socket
from pathlib import Path

TERABYTE = 1 << 40


def put_special_files(folder: Path, suffix: str) -> list[str]:
    """A FIFO, a socket, a device, a link to nothing, a link in a circle, a folder, a sparse terabyte; their names, sorted."""
    os.mkfifo(folder / f"fifo{suffix}")
    put_socket(folder / f"socket{suffix}")
    (folder / f"device{suffix}").symlink_to("/dev/zero")
    (folder / f"dangling{suffix}").symlink_to(folder / "unplugged" / f"x{suffix}")
    (folder / f"loop{suffix}").symlink_to(f"loop{suffix}")
    (folder / f"folder{suffix}").mkdir()
    with (folder / f"sparse{suffix}").open("wb") as file:
        file.truncate(TERABYTE)
    return sorted(f"{kind}{suffix}" for kind in ("dangling", "device", "fifo", "folder", "loop", "socket", "sparse"))


def put_socket(path: Path) -> None:
    """Bound from inside its folder, as a socket's whole path has at most 107 bytes."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)
