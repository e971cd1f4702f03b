"""Our own files with right checksums and wrong contents: every command says which file and which field, and nothing is unexpected."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.remembered import read_remembered
from models import weights
from saves import sealed

HUGE = 10**300


def put(value, place: str, content):
    """`value` at `place` of an object, as `options.batch_size`; `...` takes the key away."""
    *parents, key = place.split(".")
    at = content
    for parent in parents:
        at = at.setdefault(parent, {})
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return content


def save_of(models: Path) -> Path:
    return ModelDir(models / "tiny").generations()[0].folder


def change(path: Path, place: str, value) -> None:
    path.write_text(json.dumps(put(value, place, json.loads(path.read_text()))))


WRONG_STATES = [
    ("iteration", HUGE), ("iteration", 1e300), ("iteration", "3"), ("iteration", None), ("iteration", -1),
    ("iteration", True), ("iteration", ...), ("model_class", []), ("model_class", ...), ("model_class", "Nobody"), ("seed", {}),
    ("seed", ...), ("history_seed", "x"), ("options", []), ("options", ...), ("options.batch_size", "8"),
    ("options.batch_size", HUGE), ("options.resolution", -64), ("options.resolution", HUGE), ("options.resolution", ...),
    ("options.archi", 5), ("options.archi", "xx"), ("options.masked_training", "yes"), ("options.face_type", None),
    ("options.gan_power", float("nan")), ("options.gan_power", [1]), ("options.ema", 3), ("saved_at", 7),
    ("guard", []), ("guard.skipped", "many"), ("guard.rollbacks", HUGE), ("doubtful", "yes"), ("doubtful", {"since": None, "level": None}),
    ("stages", "x"), ("stages", [{"until_iter": "soon"}]), ("stages", [{"until_iter": 5}]), ("format", 2),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WRONG_STATES)
def test_a_wrong_field_of_a_state_is_named_by_every_command(dfl, imported, tmp_path, place, value):
    save = save_of(imported)
    change(save / "state.json", place, value)
    sealed(save)
    shutil.copytree(save, imported / "tiny" / "backups" / "01")
    commands = [
        ("export-dfl", "tiny", "--output", tmp_path / "out"), ("copy", "tiny", "other"), ("backup", "tiny"),
        ("restore", "tiny"),
    ]  # fmt: skip
    said = []
    for command in commands:
        code, out, errors = dfl(*command, "--models", imported)
        assert "Unexpected" not in out + errors
        said.append((code, errors))
    code, errors = said[0]
    field = place.split(".")[-1].replace("stages", "stage")
    assert code == 1
    assert "state.json" in errors
    assert field in errors
    assert not (tmp_path / "out").exists()
    for words in (["list"], ["list", "--json"], ["info", "tiny"], ["info", "tiny", "--json"]):
        code, out, errors = dfl(*words, "--models", imported)
        assert (code, "Unexpected" in out + errors) == (0, False)


WRONG_MANIFESTS = [
    ("files", {}), ("files", []), ("files", ...), ("files", None),
    ("files", {"state.json": {"bytes": "5", "sha256": "0" * 64}, "weights.safetensors": {"bytes": 1, "sha256": "0" * 64}}),
    ("files", {"../../../escape": {"bytes": 5, "sha256": "0" * 64}, "state.json": 1, "weights.safetensors": 1}),
    ("files", {"state.json": {"bytes": HUGE, "sha256": "0" * 64}, "weights.safetensors": {"bytes": 1, "sha256": "x"}}),
    ("format", "one"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WRONG_MANIFESTS)
def test_a_manifest_that_lists_nothing_or_nonsense_makes_a_damaged_save(dfl, imported, place, value):
    change(save_of(imported) / "manifest.json", place, value)
    facts = json.loads(dfl("info", "tiny", "--models", imported, "--json")[1])
    assert (facts["healthy"], "manifest.json" in facts["generations"][0]["fault"]) == (False, True)
    assert json.loads(dfl("list", "--models", imported, "--json")[1])["models"][0]["healthy"] is False
    code, _, errors = dfl("copy", "tiny", "other", "--models", imported)
    assert (code, "manifest.json" in errors, "Unexpected" in errors) == (1, True, False)


def test_the_save_before_a_wrong_one_is_used_and_the_field_is_named(dfl, imported):
    before = save_of(imported)
    newer = before.with_name("0000009")
    shutil.copytree(before, newer)
    change(newer / "state.json", "iteration", HUGE)
    sealed(newer)
    (imported / "tiny" / "current").write_text("0000009\n")
    code, out, errors = dfl("copy", "tiny", "other", "--models", imported)
    assert (code, "iteration 3" in out) == (0, True)
    assert "0000009" in errors
    assert "iteration is 10^300" in errors


@pytest.mark.parametrize(
    ("place", "value"), [("model_class", []), ("model_class", 5), ("structure", 1), ("format", {}), ("structure", ...)]
)
def test_a_wrong_model_json_is_made_up_for_by_the_save(dfl, imported, place, value):
    change(imported / "tiny" / "model.json", place, value)
    assert place in ModelDir(imported / "tiny").header_fault()
    code, out, errors = dfl("list", "--models", imported)
    assert (code, "SAEHD" in out, "Unexpected" in errors) == (0, True, False)
    assert dfl("copy", "tiny", "other", "--models", imported)[0] == 0


def test_remembered_answers_of_the_wrong_type_are_named_and_left_out(tmp_path, capsys):
    wrong = {"batch_size": [4], "resolution": "128", "archi": 7, "e_dims": HUGE, "clipgrad": "on", "d_dims": 64}
    (tmp_path / "defaults-SAEHD.json").write_text(json.dumps(wrong))
    assert read_remembered(tmp_path, "SAEHD") == {"d_dims": 64}
    said = capsys.readouterr().err
    for key in wrong.keys() - {"d_dims"}:
        assert f"defaults-SAEHD.json: {key} is" in said
    (tmp_path / "defaults-SAEHD.json").write_text("[1, 2]")
    assert read_remembered(tmp_path, "SAEHD") == {}
    assert "defaults-SAEHD.json: it holds [1, 2]" in capsys.readouterr().err


def test_messages_about_fields_are_chinese_where_the_rest_is(imported, capsys):
    save = save_of(imported)
    change(save / "state.json", "iteration", HUGE)
    sealed(save)
    assert main(["model", "copy", "tiny", "other", "--models", str(imported), "--lang", "zh"]) == 1
    assert "state.json：iteration 是 10^300，应为 0 到 1000000000000 的整数" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["weights.safetensors", "optimizer.safetensors"])
def test_a_backup_that_is_not_finite_does_not_become_current(dfl, imported, file):
    dfl("backup", "tiny", "--models", imported, "--copy")
    backup = imported / "tiny" / "backups" / "01"
    arrays = weights.load(backup / file)
    name = next(name for name, array in arrays.items() if array.ndim == 4)
    arrays[name] = arrays[name] * np.nan
    weights.save(backup / file, arrays)
    sealed(backup)
    before = sorted(path.name for path in (imported / "tiny" / "generations").iterdir())
    code, _, errors = dfl("restore", "tiny", "--models", imported)
    assert (code, f"{file}: {name}" in errors) == (1, True)
    assert sorted(path.name for path in (imported / "tiny" / "generations").iterdir()) == before


def test_a_deepfacelab_model_that_is_not_finite_is_not_imported(dfl, dfl_folder, models, edit):
    def spoil(content) -> None:
        name = next(name for name, array in content.items() if np.ndim(array) == 4)
        content[name] = content[name] * np.inf

    edit(next(dfl_folder.glob("*_encoder.npy")), spoil)
    code, _, errors = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, "not finite" in errors, models.exists()) == (1, True, False)
