"""`dfl train`: from the arguments to a running session."""

import argparse
import os
import secrets
from contextlib import ExitStack
from pathlib import Path

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.classes.registry import CLASSES, DEFAULT, trained_classes
from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.engines import NAMES, choose_engine, use_engine
from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import existing_face_folder
from dfl_cli.model.offer_import import offer_import
from dfl_cli.options.flags import add_device_flags, add_flags, add_prefer_flag, positive, spellings, whole_number
from dfl_cli.options.option import restarting
from dfl_cli.preview.screen import PREVIEW_MODES, default_preview_mode
from dfl_cli.store.choose_model import choose_model, trash_locked
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel, find_model, open_model
from dfl_cli.store.workspace import folder_for
from dfl_cli.terminal.console import Console, is_interactive, notice, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.names import shortened
from dfl_cli.terminal.output import ignore_output_errors
from dfl_cli.terminal.waiting import Waiting
from dfl_cli.train.answers import ask_options
from dfl_cli.train.costs.offer import offer_probe, offers_probe
from dfl_cli.train.face_sets import faces_remarks, find_face_folders, load_faces
from dfl_cli.train.kept_answers import store_answers
from dfl_cli.train.plan import Plan
from dfl_cli.train.plan_report import print_plan
from dfl_cli.translate import ntr, tr
from models.engine.engine import ENGINES
from models.engine.runtime import backend
from samplers.files.foreign_files import own_files

AUTOSAVE_MINUTES = 25


def add_arguments(parser: argparse.ArgumentParser, only: ModelClass | None = None) -> None:
    """only  the class to be trained, where it is no choice"""
    classes = {only.name: only} if only else trained_classes()
    add_folder_flags(parser)
    run = parser.add_argument_group(tr("run"))
    run.add_argument(*spellings("--name"), help=tr("Name of the model; a new name starts a new model."))
    run.add_argument("--model", choices=list(classes), default=(only or DEFAULT).name, help=tr("Model class."))
    run.add_argument(
        "--init-from", metavar="NAME", help=tr("Initialize a new model with the matching weights of this model.")
    )
    run.add_argument(
        "--silent-start",
        action="store_true",
        help=tr("Ask nothing: use the newest model and stored or default answers."),
    )
    run.add_argument("--answers", type=Path, metavar="FILE", help=tr("Read answers from this TOML file."))
    run.add_argument(
        "--save-answers", type=Path, metavar="FILE", help=tr("Write all answers to this TOML file, with comments.")
    )
    run.add_argument(
        "--overwrite", action="store_true", help=tr("Replace an existing file of --save-answers without asking.")
    )
    run.add_argument(
        "--autosave-minutes",
        type=positive,
        default=AUTOSAVE_MINUTES,
        help=tr("Minutes between autosaves; fractions allowed."),
    )
    run.add_argument(
        "--take-over",
        action="store_true",
        help=tr("Take over a model locked by another machine. Use it only when nothing trains it there anymore."),
    )
    run.add_argument(
        "--preview",
        choices=PREVIEW_MODES,
        help=tr(
            "Where to show previews: a window (default with a display), the terminal, only preview.png, or nowhere."
        ),
    )
    run.add_argument(
        "--no-preview", dest="preview", action="store_const", const="off", help=tr("Same as --preview off.")
    )
    run.add_argument(
        "--tensorboard",
        nargs="?",
        type=Path,
        const=True,
        metavar="FOLDER",
        help=tr("Write losses and previews for TensorBoard to FOLDER (default: the model's tensorboard folder)."),
    )
    run.add_argument(
        "--seed",
        type=whole_number(0, 2**63 - 1),
        help=tr("Make the run reproducible: same seed and faces give the same weights on the same CPU."),
    )
    add_plan_flags(run)
    add_device_flags(run)
    add_engine_flag(run)
    add_flags(parser, [one.table for one in classes.values()], tr("model options; others are asked"))


def add_engine_flag(run) -> None:
    run.add_argument(
        "--engine",
        choices=ENGINES,
        help=tr("What computes the training. Default: TensorFlow, or JAX for GPUs that only JAX supports."),
    )


def add_plan_flags(run) -> None:
    run.add_argument(
        "--plan",
        action="store_true",
        help=tr("Print what training would cost in time, memory and disk space, and exit. Nothing is written."),
    )
    run.add_argument("--json", action="store_true", help=tr("With --plan: print a single JSON object."))
    run.add_argument(
        "--no-probe",
        action="store_true",
        help=tr("Measure nothing beforehand: --plan only estimates, and training does not offer to measure."),
    )


def add_folder_flags(parser: argparse.ArgumentParser) -> None:
    places = parser.add_argument_group(tr("folders"))
    places.add_argument(
        "--workspace", type=Path, help=tr("Folder that contains data_src/aligned, data_dst/aligned and model.")
    )
    places.add_argument(*spellings("--src"), type=Path, help=tr("Faces to put on: a face set of aligned pictures."))
    places.add_argument(*spellings("--dst"), type=Path, help=tr("Faces to replace: a face set of aligned pictures."))
    places.add_argument(*spellings("--models"), type=Path, help=tr("Folder that contains the models."))
    places.add_argument(
        *spellings("--pretraining"), type=Path, help=tr("Face set for pretraining: many people, many head directions.")
    )
    add_prefer_flag(places)
    # Translators: heading of the flags about one run of the training.


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0 at the target or on the user's wish, 128 + signal when a signal ended the session."""
    if args.plan:
        return print_plan(args, open_saved)
    if args.json:
        raise UserError(tr("--json requires --plan."), fix=tr("Add --plan, or remove --json."))
    with ExitStack() as stack:
        plan = make_plan(args, stack)
        if offers_probe(args, plan):
            plan = offer_probe(plan)
        with ignore_output_errors():
            return run_plan(plan)


def run_plan(plan: Plan) -> int:
    store_answers(plan)
    if plan.nothing_to_do:
        say(at_end_line(plan))
        return 0
    faces = load_faces(plan)
    for line in faces_remarks(plan, faces):
        notice(line)
    with Interrupt() as interrupt, Waiting(ends=lambda: interrupt.signal is not None) as waiting:
        waiting.show(tr("Loading {engine}", engine=NAMES[backend()]))
        from models.engine import runtime

        runtime.prepare([gpu.index for gpu in plan.devices] or "cpu", deterministic=plan.repeatable, seed=plan.seed)

        from dfl_cli.train.start import run_session  # after prepare: it loads TensorFlow

        return run_session(plan, faces, interrupt, waiting)


def at_end_line(plan: Plan) -> str:
    if plan.saved.iteration > plan.end:
        return tr(
            "The model {name} is at iteration {iteration}, past its target of {target}. Nothing was changed.",
            name=plan.model_dir.name,
            iteration=plan.saved.iteration,
            target=plan.end,
        )
    return tr(
        "The model {name} has already reached its target: iteration {iteration} of {target}. Nothing was changed.",
        name=plan.model_dir.name,
        iteration=plan.saved.iteration,
        target=plan.end,
    )


def pretraining_folder(given: Path | None) -> Path | None:
    """None also where there is no such folder, which matters to those who pretrain only; they are asked for it. Raises UserError."""
    path = given and given.expanduser().absolute()
    if path and not os.path.lexists(path):
        notice(tr("There is no folder {path}: without it, pretraining is not possible.", path=path))
        return None
    return path and existing_face_folder(path, "--pretraining")


def make_plan(args: argparse.Namespace, stack: ExitStack) -> Plan:
    """Folders, model, device and answers, asked for where they were not given. `stack` lets the model go when all is done."""
    if args.tensorboard:
        from dfl_cli.train.tensorboard_log import require_tensorboard

        require_tensorboard()
    known = CLASSES[args.model]
    face_folders = find_face_folders(args, known)
    pretraining = pretraining_folder(args.pretraining)
    models = folder_for(args.models, args.workspace, "models", flag="--models")
    silent, console = args.silent_start or not is_interactive(), Console()

    name = offer_import(models, [args.model], given=args.name, may_create=True, silent=silent, console=console)
    name = choose_model(models, args.model, given=name, usual_name=known.usual_name, silent=silent, console=console)
    model_dir, locked = ModelDir(models / name), stack.enter_context(ExitStack())
    lock = locked.enter_context(model_dir.lock(take_over=args.take_over))
    saved = open_saved(model_dir, args.model)
    devices = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=silent, console=console)
    use_engine(choose_engine(args.engine, [gpu.name for gpu in devices]))
    options, schedule = ask_options(
        args, saved, models, devices=devices, pretraining=pretraining, silent=silent, console=console
    )
    if restarting(known.table, options):
        trash_locked(lock)
        locked.close()
        locked.enter_context(model_dir.lock())
        saved = None
    return Plan(
        model_dir=model_dir,
        model_class=args.model,
        saved=saved,
        init_from=find_model(models, args.init_from, sources(known)) if args.init_from and saved is None else None,
        options=options | {option.key: False for option in known.table if option.once},
        devices=devices,
        face_folders=face_folders,
        pretraining=pretraining,
        seed=seed_of(saved, args.seed),
        history_seed=history_seed_of(saved, redraw=options["choose_preview_history"]),
        repeatable=args.seed is not None,
        autosave_minutes=args.autosave_minutes,
        tensorboard=tensorboard_folder(args.tensorboard, model_dir),
        preview=args.preview or default_preview_mode(),
        answers_file=args.save_answers,
        overwrite_answers=args.overwrite,
        prefer=args.prefer,
        chooses_faces=options["choose_preview_history"] and not silent,
        schedule=schedule,
    )


def sources(known: ModelClass) -> list[str]:
    """The classes whose models a new model may begin with."""
    return [one.name for one in CLASSES.values() if one.network.swaps == known.network.swaps]


def tensorboard_folder(given: Path | bool | None, model_dir: ModelDir) -> Path | None:
    """Where event files go: True is the model's own folder, None nowhere."""
    return model_dir.folder / "tensorboard" if given is True else given and given.expanduser().absolute()


def seed_of(saved: SavedModel | None, given: int | None) -> int:
    """A model keeps the seed it was born with, or its batches would not go on where they were."""
    if saved is None:
        return secrets.randbits(31) if given is None else given
    if given not in (None, saved.state.seed):
        notice(tr("The model keeps its seed {seed}.", seed=saved.state.seed))
    return saved.state.seed


def history_seed_of(saved: SavedModel | None, *, redraw: bool) -> int:
    """The preview history keeps showing the same faces, unless others were asked for."""
    stored = saved.state.history_seed if saved else None
    return secrets.randbits(31) if stored is None or redraw else stored


def refuse_other_folder(model_dir: ModelDir) -> None:
    """Raises UserError where the folder of a new model holds something else, which previews and saves might replace."""
    if model_dir.header_fault() is None:
        return  # a model that was stopped before its first save
    found = [path for path in own_files(model_dir.folder) if path.name != "lock" and not is_empty_folder(path)]
    if found:
        raise UserError(
            tr("{folder} contains files that dfl did not write.", folder=model_dir.folder),
            saw=ntr(
                "{count} file: {names}",
                "{count} files: {names}",
                count=len(found),
                names=shortened(sorted(path.name for path in found), 3),
            ),
            fix=tr("Use another --name, or move these files to another folder."),
        )


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def open_saved(model_dir: ModelDir, model_class: str) -> SavedModel | None:
    """The model's newest whole save, None for a new model.

    Raises:
        UserError: the name belongs to a model of another class.
    """
    if not model_dir.exists:
        refuse_other_folder(model_dir)
        return None
    saved = open_model(model_dir)
    if saved.model_class != model_class:
        raise UserError(
            tr("The model {name} has the class {other}.", name=saved.name, other=saved.model_class),
            saw=f"--model {model_class}",
            fix=tr("Use --model {other}, or another --name.", other=saved.model_class),
        )
    return saved
