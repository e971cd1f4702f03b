"""Which model to work on: the list of saved ones, a new name, renaming and deleting (spec wizard.md 3.1, section 8 Q9, Q10, Q17)."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dfl_cli.errors import UserError, dangling_link
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.options.kinds import Text, plain
from dfl_cli.options.option import Option
from dfl_cli.options.outputs import is_same
from dfl_cli.options.question import ask
from dfl_cli.options.review import BACK
from dfl_cli.store.dfl_models import import_advice
from dfl_cli.store.lock import ModelLock, OutputLock
from dfl_cli.store.model_dir import ModelDir, saved_models
from dfl_cli.store.trash import move_to_trash
from dfl_cli.terminal.console import Console, say
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import N_, listed, tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link, remove_leftovers
from samplers.files.names import Spellings, byte_length, existing_spelling

FIRST_NAME = "new"
LONGEST_NAME = 200  # bytes; file systems take 255, and save names come on top
PUNCTUATION = " _-."


def choose_model(
    models: Path,
    model_class: str | None = None,
    *,
    given: str | None = None,
    usual_name: str | None = None,
    silent: bool = False,
    may_create: bool = True,
    console: Console | None = None,
) -> str:
    """The name of the model to work on, by flag, by itself or by question.

    Args:
        model_class: list only this class; None: all.
        given: what --name was given.
        usual_name: of a model of the class, taken without a question unless there are several to choose from.
        silent: take the newest, or a new one where there is none, and say so.
        may_create: False where a model is needed that exists already (merging, exporting).

    Raises:
        UserError: the name cannot be used, belongs to another class, or no such model exists where it must.
    """
    mention_ignored(models)
    first_name = usual_name or FIRST_NAME
    chooser = ModelChooser(models, model_class, first_name=first_name, may_create=may_create, console=console)
    if given is not None:
        return chooser.named(given)
    asks = not silent and (usual_name is None or len(chooser.saved()) > 1)
    return chooser.asked() if asks else chooser.newest()


class ModelChooser:
    """One choice from the models of a folder."""

    def __init__(
        self, models: Path, model_class: str | None, *, first_name: str, may_create: bool, console: Console | None
    ):
        self.models, self.model_class, self.may_create = models, model_class, may_create
        self.first_name = first_name  # where there is no model yet
        self.console = console or Console()

    def named(self, name: str) -> str:
        name = saved_name(self.models, name)
        problem = self.problem_with(name)
        if problem:
            raise problem
        return name

    def newest(self) -> str:
        saved = self.saved()
        if saved:
            say(tr("Using the newest model: {name}", name=saved[0].name))
            return saved[0].name
        return self.named(self.first_name)

    def asked(self) -> str:
        """Ask until there is an answer; renaming and deleting show the list again, other answers leave what was said in sight."""
        shown: list[str] = []
        while True:
            saved = self.saved()
            if saved and shown != (shown := [one.name for one in saved]):
                for line in self.listing(saved):
                    self.console.say(line)
            choice = self.from_list(saved) if saved else self.new_name()
            if choice is not None:
                return choice

    def saved(self) -> list[ModelDir]:
        """Newest first."""
        return [one for one in saved_models(self.models) if self.model_class in (None, class_of(one))]

    def new_name(self) -> str | None:
        if not self.may_create:
            raise no_model(self.models)
        question = Option(
            key="",
            label=N_("No saved models found. Enter a name of a new model"),
            kind=Text(),
            default=self.first_name,
            help=N_("Name of the new model. All its files go into a folder with this name."),
        )
        return self.accepted(ask(question, self.first_name, known={}, console=self.console))

    def from_list(self, saved: list[ModelDir]) -> str | None:
        """One answer to the list; None: another is needed."""
        typed = self.console.read(" : ")
        command = plain(typed or "0")
        if command in ("r", "d"):
            (self.rename if command == "r" else self.delete)(saved)
            return None
        if command in BACK:
            self.console.say(tr("This is the first question."))
            return None
        if command == "?":
            self.console.say(
                tr(
                    "Type the number of a saved model (0 is the most recently used one), or type a new name to start a fresh model. "
                    "'r' renames and 'd' deletes a saved model."
                )
            )
            return None
        if command.isdecimal():
            return self.numbered(saved, command)
        return self.accepted(typed)

    def listing(self, saved: list[ModelDir]) -> list[str]:
        new_too = tr("Choose one of saved models, or enter a name to create a new model.")
        lines = [
            new_too if self.may_create else tr("Choose one of saved models."),
            "[r] : " + tr("rename"),
            "[d] : " + tr("delete"),
            "",
        ]
        for number, one in enumerate(saved):
            lines.append(f"[{number}] : {one.name} " + ("- " + tr("latest") if number == 0 else ""))
        return lines

    def numbered(self, saved: list[ModelDir], digits: str) -> str | None:
        if len(digits) < 10 and int(digits) < len(saved):
            return saved[int(digits)].name
        self.console.say(tr("No model number {number}. Enter 0 to {last}.", number=digits, last=len(saved) - 1))
        return None

    def accepted(self, typed: str) -> str | None:
        try:
            return self.named(typed)
        except UserError as error:
            self.console.say(str(error))
            if self.console.ended:
                raise
            return None

    def problem_with(self, name: str) -> UserError | None:
        model_dir = ModelDir(self.models / name)
        if (reason := name_problem(name)) and not is_saved(self.models, name):
            return unusable_name(name, reason)
        if is_dangling_link(model_dir.folder):
            return dangling_link(DanglingLink(model_dir.folder))
        if not model_dir.exists:
            return None if self.may_create else no_such_model(self.models, name)
        found = class_of(model_dir)
        if self.model_class in (None, found) or found is None:
            return None
        return UserError(
            tr("The model {name} is not a {model_class} model.", name=name, model_class=self.model_class),
            saw=found,
            fix=tr("Use --model {found}, or another name.", found=found),
        )

    def rename(self, saved: list[ModelDir]) -> None:
        old = self.read_name(tr("Enter the name of the model you want to rename"), saved)
        new = old and self.read_name(tr("Enter new name of the model"))
        if old and new:
            self.attempt(rename_model, old, new)

    def read_name(self, question: str, saved: Sequence[ModelDir] = ()) -> str | None:
        """A name, or that of the model with the number that was typed; None: the person has changed their mind."""
        typed = self.console.read(f"{question} : ", [one.name for one in saved])
        if not typed or typed in BACK:
            return None
        number, names = plain(typed), [one.name for one in saved]
        if number.isdecimal() and typed not in names and len(number) < 10 and int(number) < len(names):
            typed = names[int(number)]
            self.console.say(typed)
        return typed

    def delete(self, saved: list[ModelDir]) -> None:
        name = self.read_name(tr("Enter the name of the model you want to delete"), saved)
        if not name:
            return
        if ask_yes_no(N_("Delete this model with all its files and backups?"), console=self.console):
            self.attempt(delete_model, name)

    def attempt(self, action, *names: str) -> None:
        try:
            action(self.models, *names)
        except UserError as error:
            self.console.say(str(error))


def rename_model(models: Path, old: str, new: str) -> None:
    """Rename by the full name. Raises UserError."""
    source = existing_model(models, old)
    with new_model(models, new, but_for=source) as target, ModelDir(source).lock() as lock:
        existing_model(models, old)  # another process may have renamed it before the lock
        lock.rename(target)


@contextmanager
def new_model(models: Path, name: str, *, but_for: Path | None = None) -> Iterator[Path]:
    """The folder of a model to come, as `free_folder`; until the end of the block no other process makes that model.

    Raises:
        UserError: the name is taken, also at the end of the block, or cannot be used.
    """
    with OutputLock(free_folder(models, name, but_for=but_for)):
        target = free_folder(models, name, but_for=but_for)
        remove_leftovers(models)
        try:
            yield target
        except FileExistsError as error:
            if error.filename != str(target):
                raise
            raise name_taken(target) from error


def free_folder(models: Path, name: str, *, but_for: Path | None = None) -> Path:
    """The folder of a model to come. A name that only `but_for` has, perhaps in other letters, is free.

    Raises:
        UserError: the name is taken or cannot be used.
    """
    name = normalize_name(name)
    if reason := name_problem(name):
        raise unusable_name(name, reason)
    taken = existing_spelling(models / name)
    if os.path.lexists(taken) and not (but_for and is_same(taken, but_for)):
        raise name_taken(taken)
    return models / name


def name_taken(folder: Path) -> UserError:
    return UserError(
        tr("There is already a model {name}.", name=folder.name), saw=str(folder), fix=tr("Choose another name.")
    )


def delete_model(models: Path, name: str) -> None:
    """Move a model with everything in its folder to the trash, and say where. Raises UserError."""
    folder = existing_model(models, name)
    if folder.is_symlink():
        folder.unlink()
        say(tr("Removed the link {name}. The files it points to were not touched.", name=folder.name))
        return
    with ModelDir(folder).lock() as lock:
        existing_model(models, name)  # another process may have deleted it before the lock
        trash_locked(lock)


def trash_locked(lock: ModelLock) -> None:
    """Move the model that `lock` has locked to the trash, and say where."""
    folder = lock.target
    place = move_to_trash(folder, lock.rename)
    say(tr("Moved {name} to the trash: {folder}", name=folder.name, folder=place))
    say(
        tr(
            "Use dfl model trash --models {models} to list, restore or delete trashed models.",
            models=quoted(folder.parent),
        )
    )


def existing_model(models: Path, name: str) -> Path:
    """The folder of a saved model, found by its full name. Raises UserError."""
    name = saved_name(models, name)
    if not is_saved(models, name):
        raise no_such_model(models, name)
    return models / name


def normalize_name(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def saved_name(models: Path, name: str) -> str:
    """`name` as the folder of the model spells it, which may come from another system; as a new model is called if there is none."""
    return Spellings(one.name for one in saved_models(models)).find(name.strip()) or normalize_name(name)


def is_saved(models: Path, name: str) -> bool:
    """Whether there is a model of this name. One that a new model cannot have, such as GBK bytes, is looked for in the folder only."""
    if name_problem(name):
        return any(one.name == name for one in saved_models(models))
    return ModelDir(models / name).exists


def name_problem(name: str) -> str | None:
    """Why a model cannot have this name; None if it can: letters, marks and digits of any script, blank, `_`, `-`, `.`."""
    if not name:
        return tr("it is empty")
    if name.startswith("."):
        return tr("it starts with a dot")
    if name.endswith("."):
        return tr("it ends with a dot")
    if byte_length(name) > LONGEST_NAME:
        return tr("it is too long")
    for character in name:
        if unicodedata.category(character)[0] not in "LNM" and character not in PUNCTUATION:
            return tr("{character} is not allowed", character=repr(character))
    return None


def class_of(model_dir: ModelDir) -> str | None:
    """The model class; None where model.json cannot be read, which opening the model will explain."""
    try:
        return model_dir.header()["model_class"]
    except (OSError, ValueError, KeyError):
        return None


def unusable_name(name: str, reason: str) -> UserError:
    return UserError(
        tr("A model cannot be called {name}.", name=repr(name)),
        saw=reason,
        fix=tr("Use letters, digits, spaces, _, - and . (not as the first or last character)."),
    )


def no_such_model(models: Path, name: str) -> UserError:
    names = listed(one.name for one in saved_models(models)) or tr("none")
    return UserError(tr("There is no model {name}.", name=name), saw=tr("models in {folder}: {names}", folder=models, names=names),
                     fix=import_advice(models, name) or tr("Use one of these names, or train the model first."))  # fmt: skip


def no_model(models: Path) -> UserError:
    fix = import_advice(models) or tr("Train one first: dfl train")
    return UserError(tr("There is no saved model."), saw=str(models), fix=fix)
