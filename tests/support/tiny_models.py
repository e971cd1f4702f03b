"""Untrained models as small as they get, saved."""

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir

TINY = {
    "SAEHD": {"resolution": 64, "archi": "df", "face_type": "wf", "ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16},
    "AMP": {"resolution": 64, "face_type": "wf", "ae_dims": 32, "inter_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16},
}  # fmt: skip


def write_model(folder, model_class, *, iteration=7, seed=1, **options):
    """Save a model, or save it again; options: others than `TINY`. `models.engine.runtime.prepare` comes first."""
    from models.weights import save

    known = CLASSES[model_class]
    given = {**TINY[model_class], **options}
    options = ask_table(known.table, given=given, ask_now=False, facts={"smallest_gpu_bytes": 0, "device_count": 1})
    weights = known.network.build(options, seed=seed).weights()
    model_dir = ModelDir(folder)
    if not model_dir.exists:
        model_dir.create(model_class, given)
    state = {"model_class": model_class, "iteration": iteration, "seed": seed, "options": options}
    model_dir.save(state, {"weights.safetensors": lambda path: save(path, weights)})
