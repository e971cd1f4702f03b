"""A folder of models that holds DeepFaceLab's: what is offered before a model of ours is chosen or started there."""

from collections.abc import Collection
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import ask_number
from dfl_cli.store.choose_model import class_of, normalize_name
from dfl_cli.store.dfl_models import DflModel, free_name_for, import_command, import_lines, names_of, not_imported
from dfl_cli.store.model_dir import ModelDir, saved_models
from dfl_cli.terminal.console import Console, notice
from dfl_cli.translate import tr


def offer_import(
    models: Path, classes: Collection[str], *, given: str | None, may_create: bool, silent: bool, console: Console
) -> str | None:
    """The name of the model to go on with: imported now if the person wants that, else `given`.

    Args:
        classes: of models that can be gone on with.
        given: what --name was given.
        may_create: whether a new model may be started instead.

    Raises:
        UserError: a DeepFaceLab model is probably meant, and nobody can be asked.
    """
    purposes = {CLASSES[name].network.swaps for name in classes}
    waiting = [one for one in not_imported(models) if CLASSES[one.model_class].network.swaps in purposes]
    if not waiting or (given is not None and ModelDir(models / normalize_name(given)).exists):
        return given
    if given is not None:
        waiting = [one for one in waiting if one.is_called(given)] or waiting
    meant = given is None or waiting[0].is_called(given)
    fitting = [one for one in waiting if one.model_class in classes]
    if not meant or (given is None and has_model(models, classes)):
        mention(models)
        return given
    if may_create and not fitting and given is None and not silent:
        mention(models)  # of other classes: the questions that follow are about a new model
        return None
    if silent or not fitting:
        raise import_first(fitting or waiting, models, classes, may_create=may_create)
    return bring_in(fitting, models, may_create=may_create, console=console) or given


def has_model(models: Path, classes: Collection[str]) -> bool:
    return any(class_of(one) in classes for one in saved_models(models))


def mention(models: Path) -> None:
    for line in import_lines(models):
        notice(line)


def bring_in(found: list[DflModel], models: Path, *, may_create: bool, console: Console) -> str | None:
    """Ask which one to import, and do it; None where a new model is wanted. Raises UserError."""
    console.say(tr("{folder} contains DeepFaceLab models that are not imported:", folder=models))
    number = ask_number(
        [names_of([one]) for one in found],
        console,
        question=tr("Which model should be imported and used?"),
        # Translators: a choice besides the models that are listed.
        none=tr("none, start a new model") if may_create else None,
        fix=tr("To import it: {command}", command=import_command(found[0], models)),
    )
    if number is None:
        return None
    from dfl_cli.model.import_dfl import import_dfl

    return import_dfl(found[number], models, free_name_for(found[number], models)).name


def import_first(found: list[DflModel], models: Path, classes: Collection[str], *, may_create: bool) -> UserError:
    first = found[0]
    fix = tr("To import it: {command}", command=import_command(first, models))
    if first.model_class not in classes:
        how = tr("To continue {name}, add --model {other}.", name=names_of([first]), other=first.model_class)
        fix = tr("{sentence} {next}", sentence=how, next=fix)
    if may_create:
        how = tr("To start a new model instead, give it another name with --name.")
        fix = tr("{sentence} {next}", sentence=how, next=fix)
    return UserError(
        tr("{folder} contains DeepFaceLab models that are not imported.", folder=models),
        saw=names_of(found),
        fix=fix,
    )
