"""A DeepFaceLab model folder comes in whole, or not at all."""

import pickle
import shutil
import sys

import numpy as np
import pexpect
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closeness import NETWORK
from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import choose_dfl_model
from dfl_cli.model.import_dfl import import_dfl
from dfl_cli.store.saved_model import find_model
from models import weights
from models.engine import runtime
from samplers.files.pickles import safe_pickle

NETWORKS = {"df": False, "df-ud": False, "df-udt": True, "liae": False, "liae-ud": True}  # archi -> in the repository


def test_everything_of_a_recorded_model_comes_in(imported, dfl_folder):
    saved = find_model(imported, "tiny")
    assert (saved.model_class, saved.iteration) == ("SAEHD", 3)
    stored = weights.load(saved.generation.weights_file)
    for part in ("encoder", "inter", "decoder_src", "decoder_dst"):
        recorded = safe_pickle.loads((dfl_folder / f"new_SAEHD_{part}.npy").read_bytes())
        assert {name for name in stored if name.startswith(f"{part}/")} == {f"{part}/{name[:-2]}" for name in recorded}
        for name, array in recorded.items():
            assert stored[f"{part}/{name[:-2]}"].tobytes() == array.tobytes(), name
    state = weights.load(saved.generation.optimizer_file)
    recorded = safe_pickle.loads((dfl_folder / "new_SAEHD_src_dst_opt.npy").read_bytes())
    assert state["src_dst_opt/iters"] == recorded.pop("iters:0") == 3
    for name, array in recorded.items():
        assert state[f"src_dst_opt/{name[:-2]}"].tobytes() == array.tobytes(), name


def test_the_loss_history_keeps_every_digit(imported, dfl_folder):
    history = safe_pickle.loads((dfl_folder / "new_SAEHD_data.dat").read_bytes())["loss_history"]
    rows = (imported / "tiny" / "loss.csv").read_text().splitlines()
    assert rows[0] == "iteration,seconds,src_loss,dst_loss"
    assert [[float(field) for field in row.split(",")[2:]] for row in rows[1:]] == history
    assert [row.split(",")[0] for row in rows[1:]] == ["1", "2", "3"]


def test_options_become_plain_values_and_stay_what_the_weights_need(imported):
    options = find_model(imported, "tiny").options
    assert (options["resolution"], options["ae_dims"], options["e_dims"]) == (64, 16, 6)  # below what may be asked for
    assert {type(value) for value in options.values()} == {int, float, bool, str}


def test_an_imported_model_trains_on(imported):
    runtime.prepare("cpu")
    saved = find_model(imported, "tiny")
    from dfl_cli.classes.saehd import SAEHD
    from models.classes.pair_batch import PairBatch

    model = SAEHD.network.build(saved.options, seed=1)
    model.load(weights.load(saved.generation.weights_file), weights.load(saved.generation.optimizer_file))
    picture, mask = np.full((2, 64, 64, 3), 0.5, np.float32), np.ones((2, 64, 64, 1), np.float32)
    assert model.train(PairBatch(*[picture, picture, mask, mask] * 2)).applied
    assert model.optimizer_state()["src_dst_opt/iters"] == 4


def test_values_of_older_versions_are_understood(dfl, dfl_folder, models, edit):
    def age(content: dict) -> None:
        options = content["options"]
        options |= {"eyes_prio": True, "lr_dropout": True, "batch_size": np.int64(0), "clipgrad": None}
        del options["ct_mode"], options["gan_dims"]

    edit(dfl_folder / "new_SAEHD_data.dat", age)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "old", "--to", models)
    options = find_model(models, "old").options
    assert (code, "eyes_prio" in options) == (0, False)
    assert [options[key] for key in ("lr_dropout", "clipgrad", "ct_mode", "gan_dims")] == ["y", False, "none", 16]
    assert (options["batch_size"], "batch_size: 0 is below 1: using 1" in said) == (1, True)


@pytest.mark.parametrize("archi", NETWORKS)
def test_imported_networks_paint_the_recorded_faces(tmp_path, models, archi, request):
    recorded, faces = make_network_folder(tmp_path / "dfl", archi, request)
    import_dfl(choose_dfl_model(tmp_path / "dfl", model_class=None, user=None), models, "net")
    runtime.prepare("cpu")
    swap = find_model(models, "net").build().swap(faces["warped_dst"])
    np.testing.assert_allclose(swap.bgr, recorded["pred_src_dst"], atol=NETWORK)
    np.testing.assert_allclose(swap.prd_mask, recorded["pred_src_dstm"], atol=NETWORK)
    np.testing.assert_allclose(swap.dst_mask, recorded["pred_dst_dstm"], atol=NETWORK)


def make_network_folder(folder, archi: str, request) -> tuple[dict, dict]:
    """A DeepFaceLab folder of recorded weights; its recorded outputs and inputs."""
    folder.mkdir()
    options = {"resolution": 64, "face_type": "wf", "archi": archi, "ae_dims": 16, "e_dims": 6, "d_dims": 4}
    record = {"iter": 1, "options": options | {"d_mask_dims": 2}, "loss_history": [[1.0, 1.0]]}
    (folder / "net_SAEHD_data.dat").write_bytes(safe_pickle.dumps(record))
    if NETWORKS[archi]:
        fixtures = request.getfixturevalue("fixtures") / "models"
        arrays = dict(np.load(fixtures / f"network_{archi}.npz"))
        for part in {name.split("/")[0] for name in arrays if "/" in name}:
            own = {f"{name.partition('/')[2]}:0": a for name, a in arrays.items() if name.startswith(f"{part}/")}
            (folder / f"net_SAEHD_{part}.npy").write_bytes(safe_pickle.dumps(own))
        recorded = {name.removeprefix("io."): array for name, array in arrays.items()}
        return recorded, dict(np.load(fixtures / "network_input.npz"))
    networks = request.getfixturevalue("shared") / "fixtures" / "networks"
    for path in (networks / archi).glob("*.npy"):
        shutil.copyfile(path, folder / f"net_SAEHD_{path.name}")
    return dict(np.load(networks / archi / "io.npz")), dict(np.load(networks / "input.npz"))


def add_discriminator(folder, *, gan_dims: int = 8) -> None:
    """A GAN of patch size 8 with its optimizer beside the recorded model."""
    options = {"resolution": 64, "archi": "df", "ae_dims": 16, "e_dims": 6, "d_dims": 4, "d_mask_dims": 2}
    files = CLASSES["SAEHD"].network.layout(options | {"gan_patch_size": 8, "gan_dims": gan_dims})
    gan = next(part for part in files.parts if part.name == "GAN")
    arrays = {f"{path}:0": np.full(shape, 0.25, np.float32) for path, shape in gan.tensors.items()}
    slots = {f"ms_D_src/{path}_0:0": np.full(shape, 0.5, np.float32) for path, shape in gan.tensors.items()}
    (folder / "new_SAEHD_GAN.npy").write_bytes(safe_pickle.dumps(arrays))
    (folder / "new_SAEHD_GAN_opt.npy").write_bytes(safe_pickle.dumps({"iters:0": np.int64(2), **slots}))


def test_a_discriminator_comes_with_its_optimizer(dfl, dfl_folder, models, edit):
    add_discriminator(dfl_folder)
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content["options"].update(gan_power=np.float64(0.1)))
    assert dfl("import-dfl", dfl_folder, "--name", "sharp", "--to", models)[0] == 0
    generation = find_model(models, "sharp").generation
    assert weights.load(generation.weights_file)["GAN/in_conv/weight"].shape == (1, 1, 3, 8)
    assert weights.load(generation.optimizer_file)["GAN_opt/iters"] == 2


def test_a_stale_discriminator_that_is_not_in_use_is_left_out_and_said(dfl, dfl_folder, models):
    add_discriminator(dfl_folder, gan_dims=16)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "calm", "--to", models)
    assert (code, "new_SAEHD_GAN.npy does not match" in said) == (0, True)
    assert not any(name.startswith("GAN") for name in weights.load(find_model(models, "calm").generation.weights_file))


def test_a_discriminator_in_use_has_to_fit(dfl, dfl_folder, models, edit):
    add_discriminator(dfl_folder, gan_dims=16)
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content["options"].update(gan_power=0.1))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "sharp", "--to", models)
    assert (code, "new_SAEHD_GAN.npy" in said, models.exists()) == (1, True, False)


def test_a_model_without_optimizer_file_starts_its_optimizer_anew(dfl, dfl_folder, models):
    (dfl_folder / "new_SAEHD_src_dst_opt.npy").unlink()
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "bare", "--to", models)
    assert (code, "new_SAEHD_src_dst_opt.npy is missing: this part starts from scratch" in said) == (0, True)
    assert weights.load(find_model(models, "bare").generation.optimizer_file) == {}


def truncated(path, edit):
    path.write_bytes(path.read_bytes()[:-500])


def not_a_pickle(path, edit):
    path.write_bytes(b"\x93NUMPY\x01\x00 not what it says")


def empty(path, edit):
    path.write_bytes(b"")


def hostile(path, edit):
    path.write_bytes(pickle.dumps(Hostile()))


def no_file(path, edit):
    path.unlink()


def longer(path, edit):
    edit(path, lambda arrays: arrays.update({"dense1/weight:0": np.zeros((768, 17), np.float32)}))


def turned(path, edit):
    edit(path, lambda arrays: arrays.update({"dense1/weight:0": np.zeros((16, 768), np.float32)}))


def without_tensor(path, edit):
    edit(path, lambda arrays: arrays.pop("dense2/bias:0"))


def without_numbers(path, edit):
    edit(path, lambda arrays: arrays.update({"dense2/bias:0": np.full(256, np.nan, np.float32)}))


def a_list(path, edit):
    path.write_bytes(safe_pickle.dumps([1, 2]))


class Hostile:
    def __reduce__(self):
        return print, ("this must never run",)


DAMAGES = {
    truncated: ["new_SAEHD_inter.npy"],
    not_a_pickle: ["new_SAEHD_inter.npy"],
    empty: ["new_SAEHD_inter.npy"],
    hostile: ["new_SAEHD_inter.npy", "builtins.print"],
    no_file: ["new_SAEHD_inter.npy"],
    longer: ["dense1/weight:0", "new_SAEHD_inter.npy", "(768, 17)", "13056", "(768, 16)", "12288"],
    turned: ["dense1/weight:0", "new_SAEHD_inter.npy", "(16, 768)", "12288", "(768, 16)"],
    without_tensor: ["new_SAEHD_inter.npy", "dense2/bias:0"],
    without_numbers: ["dense2/bias:0", "new_SAEHD_inter.npy"],
    a_list: ["new_SAEHD_inter.npy"],
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_named_once_and_nothing_is_imported(dfl, dfl_folder, models, edit, damage, language):
    damage(dfl_folder / "new_SAEHD_inter.npy", edit)
    code, out, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--lang", language)
    assert (code, out, models.exists()) == (1, "", False)
    assert said.count("/!\\") == 1
    assert "Unexpected error" not in said
    assert "this must never run" not in said
    for fact in DAMAGES[damage]:
        assert fact in said
    assert {"en": "fix:", "zh": "解决："}[language] in said


@pytest.mark.parametrize(
    "damage", [truncated, not_a_pickle, empty, hostile, a_list], ids=lambda damage: damage.__name__
)
def test_a_damaged_data_file_is_named_and_nothing_is_imported(dfl, dfl_folder, models, edit, damage):
    damage(dfl_folder / "new_SAEHD_data.dat", edit)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, "new_SAEHD_data.dat" in said, models.exists()) == (1, True, False)


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"archi": "dfhd"}, "archi dfhd"),
        ({"archi": "\x1b[2Jdf"}, "archi \\x1b[2Jdf"),
        ({"resolution": 70}, "resolution 70"),
        ({"resolution": 10**300}, "resolution"),
        ({"ae_dims": -3}, "ae_dims -3"),
        ({"ae_dims": [3]}, "list"),
        ({"e_dims": 8}, "(5, 5, 3, 8)"),
    ],
)
def test_options_that_no_network_can_have_are_refused(dfl, dfl_folder, models, edit, change, fact):
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content["options"].update(change))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, models.exists()) == (1, False)
    assert fact in said
    assert "Unexpected error" not in said


@pytest.mark.parametrize("key", ["iter", "options"])
def test_a_data_file_without_the_essentials_is_refused(dfl, dfl_folder, models, edit, key):
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content.pop(key))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, "new_SAEHD_data.dat" in said, models.exists()) == (1, True, False)


def test_an_unusable_loss_history_is_left_out_and_said(dfl, dfl_folder, models, edit):
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content.update(loss_history=[[1.0], "x"]))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, "loss history" in said) == (0, True)
    assert (models / "x" / "loss.csv").read_text() == "iteration,seconds,src_loss,dst_loss\n"


def test_a_taken_name_is_refused(dfl, imported, dfl_folder):
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "tiny", "--to", imported)
    assert (code, "already a model tiny" in said) == (1, True)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "../evil", "--to", imported)
    assert (code, "cannot be called" in said) == (1, True)


def test_of_several_models_one_has_to_be_named(dfl, dfl_folder, models):
    for path in list(dfl_folder.glob("new_SAEHD_*")):
        shutil.copyfile(path, path.with_name(path.name.replace("new_", "脸_2_")))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, "new_SAEHD" in said, "脸_2_SAEHD" in said) == (1, True, True)
    assert dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--model-name", "脸_2")[0] == 0
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "y", "--to", models, "--class", "AMP")
    assert (code, "new_SAEHD" in said) == (1, True)


def test_what_systems_and_editors_leave_is_no_second_model(dfl, dfl_folder, models):
    for name in ("._new_SAEHD_data.dat", ".old_SAEHD_data.dat", "new_SAEHD_data.dat~"):
        shutil.copy(dfl_folder / "new_SAEHD_data.dat", dfl_folder / name)
    code, _, err = dfl("import-dfl", dfl_folder, "--name", "tiny", "--to", models)
    assert code == 0
    assert "Ignored 3 hidden or system files" in err


def test_on_a_terminal_the_model_is_asked_for(dfl_folder, models):
    for path in list(dfl_folder.glob("new_SAEHD_*")):
        shutil.copyfile(path, path.with_name(path.name.replace("new_", "zoe_")))
    words = ["-m", "dfl_cli.main", "model", "import-dfl", str(dfl_folder), "--name", "x", "--to", str(models)]
    child = pexpect.spawn(sys.executable, [*words, "--lang", "en"], encoding="utf-8", timeout=90)
    child.expect("Which model")
    child.send("7\r")
    child.expect("Which model")
    child.send("zoe_SAEHD\r")
    child.expect("Imported zoe_SAEHD as x")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_folder_without_a_model_is_refused(dfl, tmp_path, models):
    (tmp_path / "empty").mkdir()
    code, _, said = dfl("import-dfl", tmp_path / "empty", "--name", "x", "--to", models)
    assert (code, "no DeepFaceLab model" in said) == (1, True)
    assert dfl("import-dfl", tmp_path / "nowhere", "--name", "x", "--to", models)[0] == 1


def test_a_full_disk_leaves_no_half_model(dfl_folder, models, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        import_dfl(choose_dfl_model(dfl_folder, model_class=None, user=None), models, "x")
    assert not models.exists()


def test_xseg_weights_come_in_to_be_kept(dfl, tmp_path, models):
    folder = tmp_path / "dfl"
    folder.mkdir()
    (part,) = CLASSES["XSeg"].network.layout({}).parts
    arrays = {f"{path}:0": np.zeros(shape, np.float32) for path, shape in part.tensors.items()}
    arrays["out_conv/bias:0"] += 0.5
    record = {"iter": 7, "options": {"face_type": "wf", "pretrain": False, "batch_size": 4}, "loss_history": [[0.7]]}
    (folder / "XSeg_data.dat").write_bytes(safe_pickle.dumps(record))
    (folder / "XSeg_256.npy").write_bytes(safe_pickle.dumps(arrays))
    (folder / "XSeg_256_opt.npy").write_bytes(safe_pickle.dumps({"iters:0": np.int64(7)}))
    assert dfl("import-dfl", folder, "--name", "masks", "--to", models)[0] == 0
    code, out, _ = dfl("info", "masks", "--models", models)
    assert (code, "face_type: wf" in out, "Current iteration: 7" in out) == (0, True, True)
    assert dfl("export-dfl", "masks", "--models", models, "--output", tmp_path / "out")[0] == 0
    for name in ("XSeg_256.npy", "XSeg_256_opt.npy"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    record = safe_pickle.loads((tmp_path / "out" / "XSeg_data.dat").read_bytes())
    assert (record["iter"], record["loss_history"]) == (7, [[0.7]])


def make_amp_folder(folder) -> None:
    """An AMP model as DeepFaceLab writes it: no slots for the inters, which it does not train."""
    folder.mkdir()
    options = {"resolution": 64, "face_type": "wf", "ae_dims": 16, "inter_dims": 12, "e_dims": 4, "d_dims": 4}
    options |= {"d_mask_dims": 2, "morph_factor": np.float64(0.3), "gan_power": 0.1, "gan_patch_size": 8, "gan_dims": 4}
    files, rng = CLASSES["AMP"].network.layout(options), np.random.default_rng(0)
    for part in files.parts:
        arrays = {f"{path}:0": rng.random(shape, np.float32) for path, shape in part.tensors.items()}
        (folder / f"me_AMP_{part.file}.npy").write_bytes(safe_pickle.dumps(arrays))
    for optimizer in files.optimizers:
        slots = {
            f"{slot}_{part.scope}/{path}_0:0": rng.random(shape, np.float32)
            for slot in ("ms", "vs")
            for part in optimizer.parts
            for path, shape in part.tensors.items()
            if not part.name.startswith("inter")
        }
        (folder / f"me_AMP_{optimizer.file}.npy").write_bytes(safe_pickle.dumps({"iters:0": np.int64(9), **slots}))
    record = {"iter": 9, "options": options, "loss_history": [[0.25, 0.5]] * 9}
    (folder / "me_AMP_data.dat").write_bytes(safe_pickle.dumps(record))


def test_an_amp_model_comes_in_and_goes_out_unchanged(dfl, tmp_path, models):
    make_amp_folder(tmp_path / "dfl")
    assert dfl("import-dfl", tmp_path / "dfl", "--name", "amp", "--to", models)[0] == 0
    saved = find_model(models, "amp")
    assert (saved.model_class, saved.iteration, saved.options["morph_factor"]) == ("AMP", 9, 0.3)
    assert dfl("export-dfl", "amp", "--models", models, "--output", tmp_path / "out", "--as", "me")[0] == 0
    weight_files = sorted(path.name for path in (tmp_path / "dfl").glob("*.npy"))
    assert len(weight_files) == 7
    for name in weight_files:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "dfl" / name).read_bytes(), name


@pytest.fixture(scope="module")
def data_file(fixtures) -> bytes:
    """The recorded data file without its preview faces."""
    content = safe_pickle.loads((fixtures / "dfl" / "model" / "new_SAEHD_data.dat").read_bytes())
    return safe_pickle.dumps({**content, "sample_for_preview": None})


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=4)
)
def test_no_data_file_brings_the_import_down(data_file, tmp_path, edits):
    payload = bytearray(data_file)
    for place, inserted, removed in edits:
        start = place % len(payload)
        payload[start : start + removed] = inserted
    (tmp_path / "x_SAEHD_data.dat").write_bytes(payload)
    model = choose_dfl_model(tmp_path, model_class=None, user=None)
    with pytest.raises(UserError):  # at the latest because there are no weights
        import_dfl(model, tmp_path / "models", "x")
    assert not (tmp_path / "models").exists()
