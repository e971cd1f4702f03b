"""Files that training can do without."""

import pytest

from dfl_cli.train.saving.optional_files import OptionalFiles


def test_of_each_file_the_first_failure_is_reported_and_again_once_it_had_worked(tmp_path):
    said = []
    optional_files = OptionalFiles(said.append)

    def write(name: str) -> None:
        with optional_files.writing(name):
            (tmp_path / name).write_bytes(b"")

    for name in ("gone/preview.png", "gone/preview.png", "gone/history"):
        write(name)
    assert [line.split()[2].rstrip(":") for line in said] == ["gone/preview.png", "gone/history"]

    (tmp_path / "gone").mkdir()
    write("gone/preview.png")
    (tmp_path / "gone").rename(tmp_path / "away")
    write("gone/preview.png")
    assert len(said) == 3


def test_an_error_that_is_not_about_disk_or_memory_is_raised():
    with pytest.raises(ZeroDivisionError), OptionalFiles(print).writing("preview.png"):
        _ = 1 / 0
