"""From a plan to a session: the network with its weights, the batches, the files."""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from dfl_cli.model.initialize import initialize_from
from dfl_cli.options.summary import summary_box
from dfl_cli.preview.gallery import Gallery
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.saved_model import load_save
from dfl_cli.store.state import State
from dfl_cli.terminal.console import notice, say
from dfl_cli.train.backup_first import stage_line
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.measures.measuring import Measuring
from dfl_cli.train.measures.registering import Registering
from dfl_cli.train.measures.scoring import Scoring
from dfl_cli.train.plan import Plan
from dfl_cli.train.precision import chosen_precision
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.session import Session
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr
from models.engine.device import Device, step_device
from models.engine.out_of_memory import as_out_of_memory
from models.engine.runtime import backend
from samplers.held_out import unseen


def precision_of(plan: Plan, *, show: Callable[[str], None] = lambda what: None) -> str:
    """What the network is to compute in; auto tries what the device is quick in. Raises UserError."""
    wanted = plan.options.get("precision", "float32")
    if wanted != "float32":
        show(tr("Comparing number formats"))
    return chosen_precision(wanted, gpu=bool(plan.devices))


def build(plan: Plan, precision: str | None = None, *, show: Callable[[str], None] = lambda what: None):
    """The network, with what was saved of it if the model exists.

    Args:
        precision: of `precision_of`; None: that is called here.
        show: gets what takes time now.
    """
    show(tr("Building the network"))
    precision = precision or precision_of(plan)
    if backend() == "jax" and not plan.options.get("models_opt_on_gpu", True):
        notice(tr("JAX keeps the weights on the GPU; models_opt_on_gpu has no effect."))
    model = plan.known.network.build({**plan.options, "precision": precision}, seed=plan.seed)
    if plan.saved is not None:
        show(tr("Loading the weights"))
        with as_out_of_memory():
            load_save(model, plan.saved.generation, model_class=plan.model_class, options=plan.options)
    else:
        source = plan.init_from
        lines = initialize_from(model, source) if source else plan.known.first_weights(model, plan.options)
        for line in lines:
            say(line)
    return model


def open_session(
    plan: Plan, faces: Mapping, stack: ExitStack, *, model, screen=None, report=None, device: Device | None = None
) -> Session:
    """A session of a new or an existing model.

    Args:
        faces: the face sets by name, see `ModelClass`.
        stack: closes the batches, the TensorBoard log and the saves.
        model: as `build` has made it.
        screen: where previews are shown besides the files.
        report: shows the steps; None: as loss lines.
        device: computes the steps; None: the one that `models.engine.runtime.prepare` left.
    """
    if plan.saved is None:
        plan.model_dir.create(plan.model_class, plan.known.structure(plan.options))
    else:
        repair_model_dir(plan)
    options = plan.known.effective_options(plan.options)
    start = plan.iteration + plan.record.skipped_batches
    feed = stack.enter_context(plan.known.open_feed(faces, options, seed=plan.seed, start=start))
    names = model.loss_names
    report = report or LossReport(end=lambda: plan.end)
    history = LossHistory(plan.model_dir.folder / "loss.csv", plan.iteration, names)
    tensorboard = open_tensorboard(plan, model, stack, report=report) if plan.tensorboard else None
    session = Session(
        plan.model_dir, model, feed,
        options=plan.options,
        state=State.of(
            model_class=plan.model_class,
            iteration=plan.iteration,
            seed=plan.seed,
            history_seed=plan.history_seed,
            options=plan.saved and plan.saved.options,
        ),
        summary=partial(summary_of, plan, model.precision),
        schedule=plan.schedule,
        guard=Guard(names, plan.iteration, plan.suspicion, stationary=not plan.schedule.stage.ramps),
        record=plan.record,
        history=history,
        previews=open_previews(plan, faces, model, history, report=report, screen=screen, tensorboard=tensorboard),
        report=report,
        tensorboard=tensorboard,
        device=device or step_device(),
    )  # fmt: skip
    stack.callback(session.saves.close)
    stack.callback(session.close)
    if plan.leaves_pretraining:
        history.clear()
        archive_preview_history(plan.model_dir.folder)
    session.measuring = open_measuring(plan, faces, session)
    if plan.known.network.swaps:
        record = registration_of(plan.saved) if plan.saved else None
        session.registering = Registering(model, faces, options, record, session.report.notice)
        session.scoring = open_scoring(plan, faces, session)
    session.apply_ramps()
    session.saves.reserve()
    return session


def open_scoring(plan: Plan, faces: Mapping, session: Session) -> Scoring | None:
    """None where the best save is not kept, and while the model is pretrained."""
    if not plan.options.get("keep_best") or plan.options.get("pretrain"):
        return None
    return Scoring(
        session.model,
        {"src": faces["src"], "dst": unseen(faces["dst"])},
        plan.known.effective_options(plan.options),
        best=session.model_dir.best_state(),
        folder=session.model_dir.folder,
        show=partial(show_measure, session),
        notice=session.report.notice,
    )


def show_measure(session: Session, name: str, value: float) -> None:
    session.report.show_measure(name, value)
    if session.tensorboard:
        session.tensorboard.measure(name, value)


def open_measuring(plan: Plan, faces: Mapping, session: Session) -> Measuring | None:
    """None where no examples are held out."""
    measure = plan.known.open_measure(faces, plan.known.effective_options(plan.options))
    if measure is None:
        return None

    return Measuring(
        measure,
        session.model,
        plan.model_dir.folder,
        iteration=lambda: session.iteration,
        show=partial(show_measure, session),
        notice=session.report.notice,
    )


def open_previews(plan: Plan, faces: Mapping, model, history: LossHistory, *, report, screen, tensorboard) -> Previews:
    folder, history_batch = plan.model_dir.folder, None
    options = plan.known.effective_options(plan.options)
    if plan.options["write_preview_history"]:
        history_batch = plan.known.fixed_batch(faces, options, seed=plan.history_seed)

    def complete(batch):
        return plan.known.add_examples(batch, faces, options, seed=secrets.randbits(31))

    def render(batch):
        return plan.known.draw_previews(model, batch, plan.options)

    gallery = None if plan.preview == "off" else Gallery(folder, history, screen)
    return Previews(
        folder,
        model,
        render,
        history,
        complete=complete,
        report=report,
        gallery=gallery,
        tensorboard=tensorboard,
        history_batch=history_batch,
    )


def open_tensorboard(plan: Plan, model, stack: ExitStack, *, report) -> TensorBoardLog:
    log = TensorBoardLog(
        plan.tensorboard,
        plan.iteration,
        lambda: model.learning_rate,
        loss_names=model.loss_names,
        notice=report.notice,
    )
    stack.enter_context(log)
    log.describe(plan.options)
    return log


def repair_model_dir(plan: Plan) -> None:
    """Remove what an interrupted save left, write a lost model.json again, and name the save the run starts from as current."""
    for name in plan.model_dir.clean():
        notice(tr("Removed leftovers of an interrupted save: {name}.", name=name))
    with contextlib.suppress(OSError):  # a full disk; the next save does it
        plan.model_dir.make_current(plan.saved.generation)
    if fault := plan.model_dir.header_fault():
        plan.model_dir.create(plan.model_class, plan.known.structure(plan.options))
        name = plan.saved.generation.folder.name
        notice(tr("model.json has been restored from save {name} ({fault}).", name=name, fault=fault))


def archive_preview_history(folder: Path) -> None:
    """Rename the preview history of pretraining; the next one counts from 0 again."""
    history = folder / "history"
    if history.is_dir():
        number = 1
        while os.path.lexists(folder / f"history_pretraining{number}"):
            number += 1
        history.rename(folder / f"history_pretraining{number}")


def summary_of(plan: Plan, precision: str, iteration: int, *, columns: int | None = None) -> str:
    """The box, in `columns` if given; `precision` is what auto has come to."""
    known, name, stage = plan.known, plan.model_dir.name, stage_line(plan.schedule)
    options = known.effective_options(plan.options)
    if options.get("precision") == "auto":
        options["precision"] = f"auto ({precision})"
    return summary_box(
        known.listed,
        name=name,
        iteration=iteration,
        options=options,
        devices=plan.devices,
        stage=stage,
        columns=columns,
    )
