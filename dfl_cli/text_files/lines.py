"""Files of lines that are only ever appended."""

import os
from pathlib import Path

from samplers.files.atomic_file import DanglingLink, is_dangling_link
from samplers.files.regular_file import check_regular


def open_for_lines(path: Path):
    """`path` opened for appending lines; what a crash left of a line is ended first."""
    if is_dangling_link(path):
        raise DanglingLink(path)
    if os.path.lexists(path):
        check_regular(path)
    file = path.open("ab+")
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read() != b"\n":
            file.write(b"\n")
    return file
