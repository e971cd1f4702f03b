"""Errors say what, what was seen, and what to do."""

import errno
import sys
import tempfile
from types import ModuleType

import pytest

from dfl_cli.errors import ADVICE, UserError, explain, explain_in_a_line, explained
from dfl_cli.translate import set_language
from models.engine.out_of_memory import OutOfMemory
from models.weights import WeightMismatch
from samplers.geometry.align import FlatLandmarks


def test_an_error_has_three_lines():
    error = UserError("No faces in /a.", saw="3 pictures", fix="extract some")
    assert str(error) == "No faces in /a.\n  saw: 3 pictures\n  fix: extract some"


def test_what_was_not_seen_is_left_out():
    assert str(UserError("No.", fix="try")) == "No.\n  fix: try"


def test_the_labels_are_translated():
    set_language("zh")
    assert str(UserError("坏了。", saw="空", fix="重试")) == "坏了。\n  实际：空\n  解决：重试"


def test_a_full_disk_is_explained():
    assert explain(OSError(errno.ENOSPC, "No space left on device", "/m/weights")).saw == "/m/weights"


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.EDQUOT, "The disk is full."),
        (errno.EFBIG, "A file would become too large for this disk."),
        (errno.EIO, "A disk or network drive does not answer properly."),
        (errno.ESTALE, "A disk or network drive does not answer properly."),
        (errno.ENAMETOOLONG, "A file name is too long."),
    ],
)
def test_troubles_of_a_disk_are_explained_with_or_without_a_path(number, what):
    assert explain(OSError(number, "reason", "/m/weights")).what == what
    assert explain(OSError(number, "reason")).what == what


def test_an_error_nobody_foresaw_is_told_where_no_file_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    said = str(explained(ZeroDivisionError("by zero")))
    assert "cannot be written to a file" in said and "ZeroDivisionError: by zero" in said


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR])
def test_a_place_where_no_folder_can_be_is_named(number):
    assert explain(OSError(number, "Read-only file system", "/cd/merged")).what == "Cannot access /cd/merged."


def test_a_refused_permission_is_explained_by_its_path():
    assert "/root/m" in explain(PermissionError(errno.EACCES, "Permission denied", "/root/m")).what


def test_an_error_nobody_foresaw_has_no_advice():
    assert explain(ZeroDivisionError()) is None
    assert explain(OSError(errno.EBADF, "Bad file descriptor")) is None


def test_a_user_error_is_its_own_explanation():
    error = UserError("No.", fix="try")
    assert explain(error) is error


def error_of(code: str) -> UserError | None:
    """What is said of the error that `code` ends with."""
    try:
        exec(code, {})  # the words of the tests above; only Python itself can say with what error they end
    except Exception as error:
        return explain(error)
    raise AssertionError("it worked")


def test_an_opencv_that_lacks_a_system_library_names_its_package(tmp_path, monkeypatch):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert "libgl1" in error_of("import cv2").fix


def test_what_is_left_of_an_uninstalled_opencv_is_told_from_our_own_mistakes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", ModuleType("cv2"))  # as a folder without its libraries is imported
    advice = error_of("import cv2; cv2.imdecode")
    assert ("imdecode" in advice.saw, "pip install --force-reinstall opencv-python" in advice.fix) == (True, True)
    assert error_of("import math; math.imdecode") is None
    assert error_of("None.imdecode") is None


def test_every_exception_with_advice_exists_under_its_name_and_is_explained():
    from importlib import import_module

    for name in ADVICE:
        module, _, kind = name.rpartition(".")
        assert isinstance(getattr(import_module(module), kind), type), name


def test_weights_that_do_not_fit_name_the_array_and_both_shapes():
    advice = explain(WeightMismatch("inter/dense1/weight", (4, 8), (4, 16)))
    assert advice.saw == "inter/dense1/weight is (4, 8), expected (4, 16)"


def test_running_out_of_memory_advises_a_smaller_batch():
    assert "--batch-size" in explain(OutOfMemory("OOM when allocating tensor")).fix
    host = explain(MemoryError("cannot allocate 10 GB"))
    assert "RAM" in host.what and "batch" not in str(host)


def test_an_error_about_one_picture_is_a_line_without_a_class_name():
    assert explain_in_a_line(FlatLandmarks()) == (
        "Nothing can be cut around the landmarks of this face: they lie in one place"
    )
    assert explain_in_a_line(UserError("No faces.", saw="3 pictures", fix="extract some")) == "No faces: 3 pictures"
    assert explain_in_a_line(RuntimeError("no room\nfor more")) == "unexpected error: no room"
