"""`dfl model export-dfm`: a saved model as one file for live programs, checked before it gets its name."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.options.outputs import file_to_write
from dfl_cli.registration.record import Registration
from dfl_cli.registration.words import displacement_text
from dfl_cli.store.choose_model import existing_model
from dfl_cli.store.lock import OutputLock
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.saved_model import SavedModel, open_model
from dfl_cli.store.workspace import existing_folder, folder_for
from dfl_cli.terminal.console import notice, say
from dfl_cli.translate import tr
from dfl_cli.units import size_text
from models.classes.corrections import NONE
from models.spec import Archi
from samplers.files.atomic_file import replacing

CHECKED_FACES = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Beside the folder flags that every action of `dfl model` has."""
    parser.add_argument("name", metavar="NAME", help=tr("Name of the model."))
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=tr("The file to write; default: NAME_model.dfm in the folder of the models, for XSeg NAME_model.onnx."),
    )
    parser.add_argument(
        "--quantized",
        action="store_true",
        help=tr("Convolutions in half precision: smaller and faster, slightly coarser."),
    )
    parser.add_argument(
        "--classic",
        action="store_true",
        help=tr(
            "Leave faces where the model puts them, as DeepFaceLab does; by default they are moved to their place."
        ),
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace an existing file without asking."))


def run(args: argparse.Namespace) -> int:
    models = existing_folder(folder_for(args.models, args.workspace, "models", flag="--models"), "--models")
    given = args.output and new_file(args.output, overwrite=args.overwrite, model=models / args.name)
    saved = open_model(ModelDir(existing_model(models, args.name)))
    usual = models / f"{saved.name}_model.{'onnx' if paints_masks(saved) else 'dfm'}"
    output = given or new_file(usual, overwrite=args.overwrite, model=models / args.name)
    refuse_pretraining(saved)
    if find_spec("onnx") is None:
        raise UserError(
            tr("Exporting a .dfm file requires the {package} package.", package="onnx"),
            saw=tr("Not installed."),
            fix='pip install "dfl-trainer[onnx]"',
        )
    with OutputLock(output), replacing(output) as partial:
        checked = export(saved, partial, quantized=args.quantized, classic=args.classic)
    say(tr("Wrote {path}, {size}.", path=output, size=size_text(output.stat().st_size)))
    say(checked)
    if not paints_masks(saved):
        say(placement_line(registration_of(saved), classic=args.classic))
    return 0


def placement_line(record: Registration | None, *, classic: bool) -> str:
    """Whether faces are where they should be in the file of a model with this `record`."""
    if record is None:
        return tr(
            "Where the model puts faces is not measured, so the file does not correct it. dfl train and dfl merge "
            "measure it; then export again."
        )
    if record.corrections == NONE:
        return tr("The model puts faces in their place.")
    if classic:
        text = displacement_text(record)
        return tr("The file puts faces off their place, as the model does: {offsets}.", offsets=text)
    return tr("The file corrects where the model puts faces: {offsets}.", offsets=displacement_text(record))


def paints_masks(saved: SavedModel) -> bool:
    """Whether it is an XSeg model."""
    return not CLASSES[saved.model_class].network.swaps


def refuse_pretraining(saved: SavedModel) -> None:
    """Raises UserError for an XSeg model that paints gray pictures."""
    if paints_masks(saved) and saved.options["pretrain"]:
        raise UserError(
            tr("The model {name} does not paint masks yet.", name=saved.name),
            saw=tr("It is in pretraining."),
            fix=tr("Train it on labeled faces first."),
        )


def new_file(path: Path, *, overwrite: bool, model: Path) -> Path:
    """`path`, absolute, if a file can be made there.

    Raises:
        UserError: it is a folder, its folder does not exist, there is a file and nobody allowed to replace it, or it is one of
            those of the `model` itself.
    """
    path = path.expanduser().absolute()
    if path.is_dir():
        fix = tr("Name a file in it: --output {path}", path=path / "model.dfm")
        raise UserError(tr("--output must be a file name."), saw=tr("the folder {path}", path=path), fix=fix)
    if not path.parent.is_dir():
        fix = tr("Create it, or use another --output.")
        raise UserError(tr("There is no folder {path}.", path=path.parent), fix=fix)
    files = (each for each in model.rglob("*") if each.suffix != ".dfm")
    return file_to_write(path, overwrite=overwrite, sources=files)


def export(saved: SavedModel, path: Path, *, quantized: bool, classic: bool = False) -> str:
    """Write `saved` to `path`; returns what the comparison with the network showed.

    classic  faces stay where the model puts them

    Raises:
        UserError: it does not fit into one file, or the file does not paint what the network paints.
    """
    from models.engine import runtime

    runtime.prepare("cpu")
    from models.exchange.export import build_dfm, write_dfm
    from models.exchange.export_mask import build_mask_graph
    from models.exchange.onnx_graph import TooLarge

    model, build = saved.build(corrected=not classic), build_mask_graph if paints_masks(saved) else build_dfm
    try:
        write_dfm(path, build(model, quantized=quantized))
    except TooLarge as error:
        raise explain_size(error, saved, quantized=quantized) from error
    if find_spec("onnxruntime") is None:
        return tr("Not compared with the network: requires the {package} package.", package="onnxruntime")
    notice(tr("Comparing with the network on random faces."))
    return comparison(model, path, saved, quantized=quantized)


def comparison(model, path: Path, saved: SavedModel, *, quantized: bool) -> str:
    """One line on how far the file at `path` is from `model`.

    Raises:
        UserError: too far.
    """
    import numpy as np

    from models.exchange.export import compare
    from models.exchange.export_mask import compare_masks

    faces = np.random.default_rng(0).random((CHECKED_FACES, model.resolution, model.resolution, 3), np.float32)
    difference = (compare_masks if paints_masks(saved) else compare)(path, model, faces)
    seen = tr(
        "largest difference {largest:.0e}, {mean:.0e} on average",
        largest=difference.largest,
        mean=difference.face_mean,
    )
    if not difference.is_rounding(quantized=quantized, cosine=has_cosine(saved.options)):
        exact = tr("Remove --quantized: this model needs full precision.")
        broken = tr("Check the model in a preview; its weights may not be finite.")
        raise UserError(
            tr(
                "The output of the file differs from that of the model {name}. The file was discarded.", name=saved.name
            ),
            saw=seen,
            fix=exact if quantized else broken,
        )
    return tr("Compared with the network on random faces: {seen}.", seen=seen)


def has_cosine(options: dict) -> bool:
    """Whether the architecture has the letter c."""
    return "archi" in options and Archi.parse(options["archi"]).c


def explain_size(error, saved: SavedModel, *, quantized: bool) -> UserError:
    return UserError(
        tr("The model {name} is too large for one .dfm file.", name=saved.name),
        saw=tr(
            "{size} of weights; the format holds {largest}",
            size=size_text(error.size),
            largest=size_text(error.largest),
        ),
        fix=tr("Export a model with smaller dimensions.")
        if quantized
        else tr("Try --quantized, which halves the size of the convolutions, or export a smaller model."),
    )
