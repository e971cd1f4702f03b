"""A folder of DeepFaceLab's models used in place: they are recognized, and no new model is started among them silently."""

import shlex
import shutil
import sys

import pexpect
import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.model.offer_import import offer_import
from dfl_cli.store.dfl_models import dfl_models, import_command, not_imported, our_name
from dfl_cli.store.saved_model import find_model
from dfl_cli.terminal.console import Console


@pytest.fixture
def faces(fixtures, tmp_path):
    shutil.copytree(fixtures / "formats", tmp_path / "faces", ignore=shutil.ignore_patterns("*[!g]"))
    return tmp_path / "faces"


@pytest.fixture
def train(faces, capsys):
    """`train(models, ...)` runs `dfl train` without a terminal -> exit code, stderr."""

    def run(*words) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["train", f"--src={faces}", f"--dst={faces}", "--cpu", "--lang=en", *map(str, words)])
        return code, capsys.readouterr().err

    return run


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("words", [[], ["--silent-start"], ["--name=new"], ["--name=new_SAEHD"], ["--model=AMP"]])
def test_without_a_terminal_training_names_the_command_and_starts_nothing(dfl_folder, train, words):
    before = names(dfl_folder)
    code, said = train("--models", dfl_folder, *words)
    assert (code, names(dfl_folder)) == (1, before)
    assert f"dfl model import-dfl {dfl_folder} --name new --to {dfl_folder}" in said
    assert ("--model SAEHD" in said) == (words == ["--model=AMP"])


def test_that_command_imports_the_model(dfl_folder, dfl):
    command = shlex.split(import_command(dfl_models(dfl_folder)[0], dfl_folder))
    assert command[:2] == ["dfl", "model"]
    assert dfl(*command[2:])[0] == 0
    assert find_model(dfl_folder, "new").iteration == 3


def test_the_command_tells_several_models_and_strange_names_apart(dfl_folder, tmp_path, dfl):
    for path in list(dfl_folder.glob("new_SAEHD_*")):
        shutil.copyfile(path, path.with_name(path.name.replace("new_", "it's (2)_")))
    folder = dfl_folder.rename(tmp_path / "my models")
    for model in dfl_models(folder):
        assert dfl(*shlex.split(import_command(model, folder))[2:])[0] == 0
    assert not_imported(folder) == []
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"new", "it-s -2-"}


@pytest.mark.parametrize(("language", "words"), [("en", "not imported"), ("zh", "尚未导入")])
def test_the_list_shows_them_with_their_commands(dfl, dfl_folder, language, words):
    code, out, _ = dfl("list", "--models", dfl_folder, "--lang", language)
    assert (code, words in out, "dfl model import-dfl" in out) == (0, True, True)
    assert "no model yet" not in out
    assert dfl("list", "--models", dfl_folder, "--json")[1].split() == ["{", '"models":', "[]", "}"]


@pytest.mark.parametrize(
    "words", [["info", "new"], ["copy", "new", "other"], ["export-dfm", "new", "--output", "x.dfm"]]
)
def test_a_command_for_one_of_them_says_how_to_import_it(dfl, dfl_folder, words):
    code, _, said = dfl(*words, "--models", dfl_folder)
    assert (code, "new_SAEHD is a DeepFaceLab model" in said, "import-dfl" in said) == (1, True, True)


def test_merging_with_one_of_them_says_how_to_import_it(dfl_folder):
    for name in (None, "new"):
        with pytest.raises(UserError) as refusal:
            offer_import(dfl_folder, ["SAEHD"], given=name, may_create=False, silent=True, console=Console())
        assert "dfl model import-dfl" in refusal.value.fix
        assert "--name." not in refusal.value.fix  # no new model to start


def test_on_a_terminal_the_model_is_imported_and_gone_on_with(dfl_folder, typed, capsys):
    console = typed("0")
    assert offer_import(dfl_folder, ["SAEHD"], given=None, may_create=True, silent=False, console=console) == "new"
    assert "[0] : new_SAEHD" in capsys.readouterr().out
    assert find_model(dfl_folder, "new").iteration == 3


def test_somebody_who_wants_a_new_model_gets_one(dfl_folder, typed):
    before = names(dfl_folder)
    assert offer_import(dfl_folder, ["SAEHD"], given=None, may_create=True, silent=False, console=typed("n")) is None
    assert names(dfl_folder) == before


def test_the_end_of_input_starts_nothing(dfl_folder, typed):
    with pytest.raises(UserError) as refusal:
        offer_import(dfl_folder, ["SAEHD"], given=None, may_create=True, silent=False, console=typed())
    assert "import-dfl" in refusal.value.fix


def test_training_on_a_terminal_asks_first(dfl_folder, faces):
    words = ["train", "--models", str(dfl_folder), "--src", str(faces), "--dst", str(faces), "--cpu", "--lang", "en"]
    child = pexpect.spawn(sys.executable, ["-m", "dfl_cli.main", *words], encoding="utf-8", timeout=90)
    child.expect("DeepFaceLab models that are not imported")
    child.expect("Which model should be imported and used")
    child.send("\x04")
    child.expect("end the input again to leave")
    child.expect("Which model should be imported and used")
    child.send("\x04")
    child.expect("Left without an answer")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_another_name_starts_a_new_model_but_not_silently(dfl_folder, capsys):
    assert (
        offer_import(dfl_folder, ["SAEHD"], given="fresh", may_create=True, silent=True, console=Console()) == "fresh"
    )
    assert "new_SAEHD: dfl model import-dfl" in capsys.readouterr().err


def test_after_the_import_nothing_is_said_anymore_whatever_the_new_name(dfl, dfl_folder, capsys):
    assert dfl("import-dfl", dfl_folder, "--name", "mine", "--to", dfl_folder)[0] == 0
    assert not_imported(dfl_folder) == []
    assert "import-dfl" not in dfl("list", "--models", dfl_folder)[1]
    assert offer_import(dfl_folder, ["SAEHD"], given=None, may_create=True, silent=True, console=Console()) is None


def test_masks_alone_hold_up_nobody(tmp_path):
    (tmp_path / "XSeg_data.dat").write_bytes(b"")
    assert offer_import(tmp_path, ["SAEHD"], given=None, may_create=True, silent=True, console=Console()) is None


def test_masks_of_deepfacelab_hold_up_who_trains_masks(tmp_path):
    (tmp_path / "XSeg_data.dat").write_bytes(b"")
    with pytest.raises(UserError, match="not imported") as raised:
        offer_import(tmp_path, ["XSeg"], given=None, may_create=True, silent=True, console=Console())
    assert f"dfl model import-dfl {tmp_path} --name XSeg" in str(raised.value)
    (tmp_path / "XSeg_data.dat").rename(tmp_path / "new_SAEHD_data.dat")
    assert offer_import(tmp_path, ["XSeg"], given=None, may_create=True, silent=True, console=Console()) is None


def test_names_become_names_that_are_allowed_here(tmp_path):
    for user in ("脸 2", "a:b", "x" * 200, " . ", "it's"):
        (tmp_path / f"{user}_SAEHD_data.dat").write_bytes(b"")
    assert {our_name(one) for one in dfl_models(tmp_path)} == {"脸 2", "a-b", "x" * 150, "SAEHD", "it-s"}
