"""`dfl train --plan`: what it says, and that it leaves everything as it was."""

import json
from pathlib import Path

import pytest

from dfl_cli.main import main


def tree(folder: Path) -> dict:
    """What is in a folder, and when it was changed."""
    return {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


@pytest.fixture
def plan(capsys):
    """`plan(words)`: the JSON object that is printed."""

    def run(*words: str) -> dict:
        capsys.readouterr()
        assert main([*words, "--plan", "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_sizes_need_nothing_but_options(plan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = plan("train", "--cpu", "--no-probe", "--archi=df-ud", "--resolution=64", "--autobackup-hour=1")
    assert (found["model_class"], found["archi"], found["resolution"]) == ("SAEHD", "df-ud", 64)
    assert found["parameters"] == sum(found["parameters_by_part"].values()) > 1e6
    assert list(found["parameters_by_part"]) == ["encoder", "inter", "decoder_src", "decoder_dst"]
    assert found["faces"] == {"src": None, "dst": None, "pretraining": None}
    assert (found["saves"], found["backups"]) == (2, 24)
    assert found["backups_mb"] == pytest.approx(24 * found["save_mb"], rel=0.01)
    assert (found["ms_per_iteration"], found["days_per_100k_iterations"], found["probe_error"]) == (None, None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("model_class", ["AMP", "Quick96", "XSeg"])
def test_every_class_has_a_plan(plan, model_class):
    found = plan("train", "--cpu", "--no-probe", f"--model={model_class}", "--batch-size=auto")
    assert found["model_class"] == model_class and found["batch_size"] > 1 and found["fits"]


def test_a_saved_model_is_described_as_it_is_and_stays_so(eagerly, trainer, plan):
    trainer.run_here("--target-iter=1", "--ema=0.999", "--no-preview")
    before = tree(trainer.root)
    found = plan(*[word for word in trainer.words("--no-probe") if "dims" not in word])
    assert tree(trainer.root) == before
    assert (found["name"], found["iteration"], found["batch_size"]) == ("ab", 1, 2)
    assert found["faces"] == {"src": 2, "dst": 2, "pretraining": None}
    assert found["options"]["ae_dims"] == 32 and found["options"]["ema"] == "0.999"
    saved = trainer.model().newest()[0].folder
    assert found["save_mb"] == pytest.approx(sum(path.stat().st_size for path in saved.iterdir()) / 1e6, rel=0.02)


def test_a_new_model_leaves_no_trace_and_its_probe_measures(trainer, plan):
    (trainer.root / "run.toml").write_text("gan_power = 0.1\npretrain = true\n")
    before = tree(trainer.root)
    found = plan(*trainer.words(f"--answers={trainer.root / 'run.toml'}", f"--pretraining={trainer.src}"))
    assert tree(trainer.root) == before
    assert found["faces"] == {"src": 2, "dst": 2, "pretraining": 2}
    assert found["options"]["gan_power"] == 0 and "GAN" not in found["parameters_by_part"]  # pretraining turns it off
    assert found["ms_per_iteration"] > 0 and found["measured_memory_mb"] > 100
    assert found["days_per_100k_iterations"] == pytest.approx(found["ms_per_iteration"] / 864, abs=0.001)


def test_settings_without_room_are_a_finding_and_no_failure(trainer, plan):
    words = [word for word in trainer.words() if not word.startswith("--batch-size")]
    found = plan(*words, "--batch-size=1000000000")
    assert not found["fits"] and found["out_of_memory"] and found["ms_per_iteration"] is None


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Parameters: 3.2 million (encoder 0.3, ", "Disk: ", "Faces: src 2, dst 2"]),
        ("zh", ["参数量：3.2M（encoder 0.3、", "磁盘：每次存档 ", "人脸：src 2、dst 2"]),
    ],
)
def test_a_person_reads_it_in_either_language(trainer, capsys, language, lines):
    assert main([*trainer.words("--no-probe"), "--plan", "--lang", language]) == 0
    said = capsys.readouterr().out
    assert all(line in said for line in lines) and "ae_dims" in said


def test_what_the_training_would_refuse_is_refused(trainer, capsys):
    assert main([*trainer.words("--no-probe"), "--plan", f"--src={trainer.root / 'none'}"]) == 1
    assert "--src does not exist" in capsys.readouterr().err
    assert main([*trainer.words("--no-probe"), "--plan", "--archi=dg"]) == 1
    assert main([*trainer.words(), "--json"]) == 1
    assert "--json requires --plan." in capsys.readouterr().err
