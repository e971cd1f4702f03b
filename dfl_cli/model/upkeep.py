"""Deleting, backing up and restoring saved models; what is asked before and said after."""

from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.model.listing import size, state_of
from dfl_cli.model_choice import delete_model, existing_model
from dfl_cli.options.kinds import YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.wizard import ask
from dfl_cli.saved_model import open_model
from dfl_cli.terminal import Console, is_interactive, say
from dfl_cli.train.run_dir import Generation, ModelDir
from dfl_cli.translate import tr


def delete(models: Path, name: str, *, sure: bool, console: Console | None = None) -> None:
    """Delete a model after asking; without a terminal only if `sure`.

    Raises:
        UserError: no such model, or nobody can confirm.
    """
    model_dir = ModelDir(existing_model(models, name))
    about = tr(
        "{name}: {size}, {count} backups, in {folder}",
        name=model_dir.name,
        size=size(model_dir.bytes()),
        count=len(model_dir.backups()),
        folder=model_dir.folder,
    )
    if not sure:
        if not is_interactive():
            raise UserError(tr("Deleting a model has to be confirmed."), saw=about, fix=tr("add --yes if you are sure"))
        (console or Console()).say(about)
        if not confirmed(console or Console()):
            say(tr("Nothing was deleted."))
            return
    delete_model(models, model_dir.name)
    say(tr("Deleted {name}.", name=model_dir.name))


def confirmed(console: Console) -> bool:
    question = Option(
        key="", label="Delete this model with all its files and backups?", kind=YesNo(), default=False, help=""
    )
    return ask(question, False, known={}, console=console)


def back_up(models: Path, name: str) -> Path:
    """Copy the newest whole save to backups/01.

    Raises:
        UserError: no such model, or no save of it is whole.
    """
    model_dir = ModelDir(existing_model(models, name))
    open_model(model_dir)
    folder = model_dir.backup(model_dir.folder / "preview.png")
    say(tr("Backup written: {folder}", folder=folder))
    return folder


def restore(models: Path, name: str, wanted: str | None) -> Generation:
    """Make a backup, the newest or the one called `wanted`, the current save. What it replaces stays as the one before.

    Raises:
        UserError: no such model or backup, or the backup is damaged.
    """
    model_dir = ModelDir(existing_model(models, name))
    backup = choose_backup(model_dir, wanted)
    fault = Generation(backup).fault()
    if fault is not None:
        raise UserError(
            tr("The backup {id} of {name} is damaged.", id=backup.name, name=model_dir.name),
            saw=fault,
            fix=tr("restore another one with --from; there are: {names}", names=names_of(model_dir)),
        )
    generation = model_dir.restore(backup)
    say(
        tr(
            "Restored the backup {id} of {name}: iteration {iteration}.",
            id=backup.name,
            name=model_dir.name,
            iteration=generation.state()["iteration"],
        )
    )
    return generation


def choose_backup(model_dir: ModelDir, wanted: str | None) -> Path:
    backups = model_dir.backups()
    if not backups:
        raise UserError(
            tr("The model {name} has no backups.", name=model_dir.name),
            saw=str(model_dir.folder / "backups"),
            fix=tr("make one with dfl model backup {name}, or set autobackup_hour", name=model_dir.name),
        )
    if wanted is None:
        return backups[0]
    for folder in backups:
        if wanted.isdecimal() and int(wanted) == int(folder.name):
            return folder
    raise UserError(
        tr("The model {name} has no backup {id}.", name=model_dir.name, id=wanted),
        saw=tr("there are: {names}", names=names_of(model_dir)),
        fix=tr("give one of these numbers with --from"),
    )


def names_of(model_dir: ModelDir) -> str:
    return ", ".join(
        f"{folder.name} ({tr('iteration')} {state_of(folder).get('iteration', '?')})" for folder in model_dir.backups()
    )
