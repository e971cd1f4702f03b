"""DeepFaceLab's model folder: which models are in it, and reading their files without running anything in them."""

import mmap
import os
import re
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.store.dfl_models import DflModel, dfl_models, of_unknown_class
from dfl_cli.terminal.console import Console, is_interactive
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import listed, system_reason, tr
from samplers.files.names import printable
from samplers.files.regular_file import open_regular


def choose_dfl_model(
    folder: Path, *, model_class: str | None, user: str | None, console: Console | None = None
) -> DflModel:
    """The model that is meant; of several the person is asked for one where somebody can answer.

    Raises:
        UserError: there is none, or several and nobody to ask.
    """
    mention_ignored(folder)
    found = dfl_models(folder)
    fitting = [one for one in found if model_class in (None, one.model_class) and user in (None, one.user)]
    if not fitting:
        raise no_dfl_model(folder, found)
    if len(fitting) == 1:
        return fitting[0]
    names = [one.prefix for one in fitting]
    if not is_interactive():
        raise UserError(
            tr("There are several models in {folder}.", folder=folder),
            saw=listed(names),
            fix=tr("Choose one with --model-name and --class."),
        )
    return fitting[ask_number(names, console or Console(), fix=tr("Choose one with --model-name and --class."))]


def no_dfl_model(folder: Path, found: list[DflModel]) -> UserError:
    if found:
        return UserError(
            tr("The model is not in {folder}.", folder=folder),
            saw=listed(one.prefix for one in found),
            fix=tr("Check --model-name and --class."),
        )
    others = of_unknown_class(folder)
    return UserError(
        tr("There is no DeepFaceLab model in {folder}.", folder=folder),
        saw=tr("Models of a class that cannot be imported: {files}", files=listed(map(printable, others)))
        if others
        else tr("No file named <name>_SAEHD_data.dat or similar."),
        fix=where_models_are(folder),
    )


def where_models_are(folder: Path) -> str:
    """Which folder was probably meant."""
    below = sorted(path for path in folder.iterdir() if path.is_dir() and dfl_models(path))
    if below:
        return tr("Give the folder that contains the model: {folders}", folders=listed(map(str, below[:3])))
    return tr("Give DeepFaceLab's model folder.")


def ask_number(
    names: list[str], console: Console, *, fix: str, question: str | None = None, none: str | None = None
) -> int | None:
    """The index of the name that is chosen; the first is proposed.

    Args:
        fix: what to do where input ends.
        none: what `n` stands for, which gives None; without it there is no such choice.

    Raises:
        UserError: input ended.
    """
    for index, name in enumerate(names):
        console.say(f"[{index}] : {name}")
    if none is not None:
        console.say(f"[n] : {none}")
    while True:
        typed = console.read("[0] " + (question or tr("Which model?")) + " : ")
        if typed is None:
            raise UserError(tr("No model was chosen."), saw=tr("End of input."), fix=fix)
        if none is not None and typed.lower() == "n":
            return None
        if not typed or (typed.isdecimal() and int(typed) < len(names)):
            return int(typed or 0)
        if typed in names:
            return names.index(typed)


def read_dict(path: Path) -> dict[str, object]:
    """The dictionary pickled in a file; arrays in it are read-only.

    Raises:
        UserError: the file cannot be read, is damaged, or asks for anything but numbers, text and arrays.
    """
    from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle, loads

    try:
        value = loads_file(path, loads)
    except UnsafePickle as error:
        raise UserError(
            tr("{file} contains something no model needs. It was not opened.", file=path.name),
            saw=error.wanted,
            fix=tr("Do not trust this file. Get the model from a source you know."),
        ) from error
    except (Damaged, ValueError) as error:
        raise damaged(path, tr(str(error))) from error
    except OSError as error:
        raise damaged(path, system_reason(error)) from error
    if not isinstance(value, dict):
        raise damaged(path, tr("not a dictionary"))
    return value


def loads_file(path: Path, loads) -> object:
    """Through a memory map, so that a large file is not in memory twice."""
    with open_regular(path) as file:
        if not os.fstat(file.fileno()).st_size:
            return loads(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as payload:
            return loads(payload)


def damaged(path: Path, saw: str) -> UserError:
    return UserError(
        tr("{file} is damaged.", file=path.name),
        saw=saw,
        fix=tr("Restore it from a backup, such as DeepFaceLab's folder {folder}.", folder=backups_folder(path)),
    )


def backups_folder(path: Path) -> str:
    """`<model>_autobackups`, where DeepFaceLab keeps older copies of the same files."""
    names = "|".join(map(re.escape, CLASSES))
    match = re.match(rf"(.+_)?({names})(?=_)", path.name)
    return f"{match.group() if match else path.stem}_autobackups"
