"""`exportdfm` and `merge --model`: DeepFaceLab names the class, the model is found."""

import sys

import pexpect
import pytest

from dfl_cli.main import main
from programs import ROOT
from tiny_models import write_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two SAEHD models and one AMP model."""
    from models.engine import runtime

    runtime.prepare("cpu")
    folder = tmp_path_factory.mktemp("workspace") / "model"
    for name, model_class in (("film", "AMP"), ("first", "SAEHD"), ("second", "SAEHD")):
        write_model(folder / name, model_class)
    return folder


@pytest.fixture
def cleared(models):
    yield models
    for file in models.glob("*.dfm"):
        file.unlink()


def test_the_only_model_of_a_class_is_exported_under_the_name_deepfacelab_gives(cleared, capsys):
    assert main(["exportdfm", "--model-dir", str(cleared), "--model", "AMP"]) == 0
    assert [path.name for path in cleared.glob("*.dfm")] == ["film_AMP_model.dfm"]
    said = capsys.readouterr().err
    assert f'DeepFaceLab\'s "exportdfm" is: dfl model export-dfm film --models {cleared} --output' in said


def test_of_several_models_the_newest_is_exported_where_nobody_can_be_asked(cleared, capsys):
    assert main(["exportdfm", "--model-dir", str(cleared), "--model", "SAEHD"]) == 0
    assert (cleared / "second_SAEHD_model.dfm").is_file()
    assert main(["exportdfm", "--model-dir", str(cleared), "--model", "SAEHD", "--force-model-name", "first"]) == 0
    assert (cleared / "first_SAEHD_model.dfm").is_file()


def test_of_several_models_a_terminal_asks(cleared):
    line = ["-m", "dfl_cli.main", "exportdfm", "--model-dir", str(cleared), "--model", "SAEHD"]
    child = pexpect.spawn(sys.executable, line, cwd=ROOT, encoding="utf-8", timeout=200, dimensions=(40, 250))
    child.expect_exact("[0] : second - latest")
    child.expect_exact("[1] : first")
    child.expect_exact(" : ")
    child.sendline("1")
    child.expect_exact("first_SAEHD_model.dfm")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and (cleared / "first_SAEHD_model.dfm").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "Quick96"], "There is no saved model."),
        (["--model", "SAEHD", "--force-model-name", "film"], "The model film is not a SAEHD model."),
    ],
)
def test_without_such_a_model_nothing_is_exported(models, words, said, capsys):
    assert main(["exportdfm", "--model-dir", str(models), *words]) == 1
    assert said in capsys.readouterr().err


def test_the_class_is_required(models, capsys):
    assert main(["exportdfm", "--model-dir", str(models)]) == 2
    assert "--model" in capsys.readouterr().err
