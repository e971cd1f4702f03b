"""Only regular files are opened, and none larger than asked for is read."""

import pytest

from samplers.files.file_range import FileRange
from samplers.files.regular_file import (
    FileTooLarge,
    SpecialFile,
    check_regular,
    open_regular,
    read_regular,
    without_waiting,
)
from special_files import put_special_files


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
@pytest.mark.parametrize("way", [check_regular, open_regular, read_regular, lambda path: FileRange(path).read()])
def test_special_files_are_named_and_never_waited_for(tmp_path, kind, way):
    put_special_files(tmp_path, "")
    with pytest.raises(SpecialFile) as error:
        way(tmp_path / kind)
    assert kind in error.value.strerror.lower()
    assert error.value.filename == str(tmp_path / kind)


@pytest.mark.parametrize(
    ("kind", "error"), [("dangling", FileNotFoundError), ("loop", OSError), ("folder", IsADirectoryError)]
)
def test_links_that_lead_nowhere_and_folders_are_what_the_system_says(tmp_path, kind, error):
    put_special_files(tmp_path, "")
    with pytest.raises(error):
        read_regular(tmp_path / kind)


@pytest.mark.parametrize(
    "read", [read_regular, lambda path: FileRange(path).read(), lambda path: FileRange(path, 5).read()]
)
def test_a_sparse_terabyte_takes_no_memory(tmp_path, read):
    put_special_files(tmp_path, "")
    with pytest.raises(FileTooLarge) as error:
        read(tmp_path / "sparse")
    assert error.value.size > 1_000_000_000_000


def test_a_file_is_read_through_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"content")
    (tmp_path / "link").symlink_to("real")
    assert read_regular(tmp_path / "link") == b"content"
    with open_regular(tmp_path / "link") as file:
        assert file.read(3) == b"con"
    with pytest.raises(FileTooLarge):
        read_regular(tmp_path / "real", limit=6)


def test_writing_to_a_fifo_waits_for_nobody(tmp_path):
    put_special_files(tmp_path, "")
    with pytest.raises(OSError, match="No such device"):
        open(tmp_path / "fifo", "wb", opener=without_waiting).close()
    with open(tmp_path / "new", "wb", opener=without_waiting) as file:
        file.write(b"content")
    assert (tmp_path / "new").read_bytes() == b"content"
