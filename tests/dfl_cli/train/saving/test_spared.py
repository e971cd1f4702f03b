"""Files that training can do without."""

import pytest

from dfl_cli.train.saving.spared import SparedFiles


def test_of_each_file_the_first_failure_is_said_and_again_once_it_had_worked(tmp_path):
    said = []
    spared = SparedFiles(said.append)

    def write(name: str) -> None:
        with spared.writing(name):
            (tmp_path / name).write_bytes(b"")

    for name in ("gone/preview.png", "gone/preview.png", "gone/history"):
        write(name)
    assert [line.partition(" ")[0] for line in said] == ["gone/preview.png", "gone/history"]

    (tmp_path / "gone").mkdir()
    write("gone/preview.png")
    (tmp_path / "gone").rename(tmp_path / "away")
    write("gone/preview.png")
    assert len(said) == 3


def test_what_is_no_trouble_with_disk_or_memory_is_not_spared():
    with pytest.raises(ZeroDivisionError), SparedFiles(print).writing("preview.png"):
        _ = 1 / 0
