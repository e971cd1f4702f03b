"""DeepFaceLab's models in a folder, recognized by the names of their files; nothing is opened here."""

import os
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from dfl_cli.classes.registry import CLASSES
from dfl_cli.store.model_dir import ModelDir, saved_models
from dfl_cli.translate import listed, ntr, tr
from samplers.files.foreign_files import own_files
from samplers.files.names import byte_length, printable

OPTIONS_FILE = re.compile(r"(?:(?P<user>.+)_)?(?P<model_class>[^_]+)_data\.dat", re.DOTALL)
LONGEST_USER = 150  # bytes of a name that is made of DeepFaceLab's


@dataclass(frozen=True)
class DflModel:
    """One model by the names of its files: `<prefix>_data.dat`, `<prefix>_encoder.npy`, ..."""

    folder: Path
    user: str  # the name its owner gave it; empty for XSeg, which has none
    model_class: str

    @property
    def prefix(self) -> str:
        return f"{self.user}_{self.model_class}" if self.user else self.model_class

    @property
    def options_file(self) -> Path:
        return self.folder / f"{self.prefix}_data.dat"

    def file(self, name: str) -> Path:
        return self.folder / f"{self.prefix}_{name}.npy"

    def is_called(self, name: str) -> bool:
        return unicodedata.normalize("NFC", name).strip() in (self.user, self.prefix, our_name(self))


def dfl_models(folder: Path) -> list[DflModel]:
    """The models of a folder, the one saved last first."""
    found = []
    for path in own_files(folder) if folder.is_dir() else ():
        match = OPTIONS_FILE.fullmatch(path.name)
        known = CLASSES.get(match["model_class"]) if match else None
        if known and path.is_file() and (match["user"] or not known.dfl_user_names):
            found.append((path.stat().st_mtime, DflModel(folder, match["user"] or "", known.name)))
    return [model for _, model in sorted(found, key=lambda one: (-one[0], one[1].prefix))]


def of_unknown_class(folder: Path) -> list[str]:
    """Names of the data files of other model classes, as DeepFaceLab 1 and forks have them."""
    names = [path.name for path in own_files(folder)]
    weights = tuple(name for name in names if name.endswith((".npy", ".h5")))
    found = []
    for match in filter(None, map(OPTIONS_FILE.fullmatch, names)):
        prefix = match.string.removesuffix("data.dat")
        if match["model_class"] not in CLASSES and any(name.startswith(prefix) for name in weights):
            found.append(match.string)
    return sorted(found)


def not_imported(models: Path) -> list[DflModel]:
    """The models of DeepFaceLab in a folder of ours that no model of ours there was made from or is called after."""
    found = dfl_models(models)
    origins = {one.header().get("imported_from") for one in saved_models(models)} if found else set()
    return [one for one in found if one.prefix not in origins and not ModelDir(models / our_name(one)).exists]


def our_name(model: DflModel) -> str:
    """What an imported model is called if nothing else is wished: DeepFaceLab's name in the letters that are allowed here."""
    text = unicodedata.normalize("NFC", model.user or model.model_class)
    allowed = "".join(one if unicodedata.category(one)[0] in "LNM" or one in " _-." else "-" for one in text)
    while byte_length(allowed) > LONGEST_USER:
        allowed = allowed[:-1]
    return allowed.strip(" .") or model.model_class


def free_name_for(model: DflModel, models: Path) -> str:
    """`our_name`, or one like it that no file in `models` has yet."""
    name, number = our_name(model), 1
    while os.path.lexists(models / name):
        number += 1
        name = f"{our_name(model)}-{number}"
    return name


def import_command(model: DflModel, models: Path) -> str:
    """The command line that imports `model` into `models`."""
    words = [quote(str(model.folder)), "--name", quote(free_name_for(model, models)), "--to", quote(str(models))]
    if len(dfl_models(model.folder)) > 1:
        words += ["--class", model.model_class, *(["--model-name", quote(model.user)] if model.user else [])]
    return printable(" ".join(["dfl model import-dfl", *words]))


def names_of(found: Collection[DflModel]) -> str:
    return listed(printable(model.prefix) for model in found)


def import_advice(models: Path, name: str | None = None) -> str | None:
    """What to do where a model of ours is wanted and there are DeepFaceLab's; None where there are none called `name`."""
    found = [one for one in not_imported(models) if name is None or one.is_called(name)]
    if not found:
        return None
    return ntr(
        "{names} is a DeepFaceLab model. Import it first: {command}",
        "{names} are DeepFaceLab models. Import one first: {command}",
        count=len(found),
        names=names_of(found),
        command=import_command(found[0], models),
    )


def import_lines(models: Path) -> list[str]:
    """Lines about DeepFaceLab's models in a folder of ours; none where all are imported."""
    found, others = not_imported(models), of_unknown_class(models) if models.is_dir() else []
    lines = [tr("DeepFaceLab models that are not imported:")] if found else []
    lines += [f"  {names_of([one])}: {import_command(one, models)}" for one in found]
    if others:
        lines.append(tr("Models of a class that cannot be imported: {files}", files=listed(map(repr, others))))
    return lines
