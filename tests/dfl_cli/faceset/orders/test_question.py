"""`dfl faceset sort` without --by: a menu at a terminal, a usage error elsewhere."""

import sys

import pexpect
import pytest

from dfl_cli.faceset.orders.names import NAMES
from dfl_cli.faceset.orders.question import ORDERS
from dfl_cli.main import main
from programs import ROOT


def sort(folder, *words: str, language="en") -> pexpect.spawn:
    line = ["-m", "dfl_cli.main", "--lang", language, *words, str(folder)]
    return pexpect.spawn(sys.executable, line, cwd=ROOT, encoding="utf-8", timeout=90, dimensions=(40, 160))


def finish(child: pexpect.spawn) -> str:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return child.before


def test_the_menu_has_every_order():
    other_names = {"final-by-blur", "final-by-size"}
    assert set(NAMES) - other_names == set(ORDERS)


@pytest.mark.parametrize(
    ("language", "line", "question"),
    [
        ("en", "(5) hist: similar colors next to each other", "[hist] Choose sorting method"),
        ("zh", "(5) hist：颜色相近的排在一起", "[hist] 选择排序方式"),
    ],
)
def test_enter_takes_hist_as_in_deepfacelab(folder, language, line, question):
    child = sort(folder, "faceset", "sort", language=language)
    child.expect_exact(line)
    child.expect_exact(question)
    child.sendline("")
    assert "hist" in finish(child)
    assert sorted(path.name for path in folder.glob("*.jpg"))[0] == "00000.jpg"


def test_the_command_of_deepfacelab_asks_too(folder):
    child = sort(folder, "sort", "--input-dir")
    child.expect_exact("(0) blur")
    child.expect_exact("Choose sorting method")
    child.sendline("hue")
    assert "4 images sorted by hue." in finish(child)


def test_the_best_faces_want_to_know_how_many(folder):
    child = sort(folder, "faceset", "sort", "--dry-run")
    child.expect_exact("(13) final")
    child.expect_exact("Choose sorting method")
    child.sendline("13")
    child.expect_exact("[2000] Target number of faces?")
    child.sendline("2")
    finish(child)


def test_absdiff_asks_whether_alike(folder):
    child = sort(folder, "faceset", "sort", "--dry-run")
    child.expect_exact("Choose sorting method")
    child.sendline("absdiff")
    child.expect_exact("[y] Similar images next to each other?")
    child.sendline("n")
    finish(child)


def test_without_a_terminal_the_orders_are_listed(folder, capsys):
    assert main(["faceset", "sort", str(folder)]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in NAMES) and "See dfl faceset sort --help." in said
    assert main(["faceset", "sort", str(folder), "--json"]) == 2
