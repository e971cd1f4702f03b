"""Errors say what, what was seen, and what to do."""

import errno

from dfl_cli.errors import UserError, explain
from dfl_cli.translate import set_language


def test_an_error_has_three_lines():
    error = UserError("No faces in /a.", saw="3 pictures", fix="extract some")
    assert str(error) == "No faces in /a.\n  saw: 3 pictures\n  fix: extract some"


def test_what_was_not_seen_is_left_out():
    assert str(UserError("No.", fix="try")) == "No.\n  fix: try"


def test_the_labels_are_translated():
    set_language("zh")
    assert str(UserError("坏了。", saw="空", fix="重试")) == "坏了。\n  实际: 空\n  解决: 重试"


def test_a_full_disk_is_explained():
    assert explain(OSError(errno.ENOSPC, "No space left on device", "/m/weights")).saw == "/m/weights"


def test_a_refused_permission_is_explained_by_its_path():
    assert "/root/m" in explain(PermissionError(errno.EACCES, "Permission denied", "/root/m")).what


def test_an_error_nobody_foresaw_has_no_advice():
    assert explain(ZeroDivisionError()) is None
    assert explain(OSError(errno.EIO, "Input/output error")) is None


def test_a_user_error_is_its_own_explanation():
    error = UserError("No.", fix="try")
    assert explain(error) is error
