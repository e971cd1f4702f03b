"""The answers given for the last new model of a class, proposed to the next one: <models>/defaults-<class>.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dfl_cli.classes.registry import CLASSES
from dfl_cli.store.durable import json_bytes
from dfl_cli.store.schemas import OptionValue
from dfl_cli.terminal.console import notice
from dfl_cli.text_files.schema import Anything, MapOf, WrongField, read_checked
from dfl_cli.translate import tr
from samplers.files.atomic_file import write_atomically


def remembered_file(models: Path, model_class: str) -> Path:
    return models / f"defaults-{model_class}.json"


def read_remembered(models: Path, model_class: str) -> dict[str, Any]:
    """Empty when there is no such file or it cannot be read: defaults are a comfort, nothing depends on them.

    What is wrong in it is reported and left out.
    """
    try:
        answers = read_checked(remembered_file(models, model_class), MapOf(Anything()))
    except OSError:
        return {}
    except WrongField as error:
        report_wrong(str(error))
        return {}
    return {key: value for key, value in answers.items() if is_usable(models, model_class, key, value)}


def is_usable(models: Path, model_class: str, key: str, value: Any) -> bool:
    """Whether the value is one that its option may have; reported if not. Keys of other versions are nobody's business."""
    for option in CLASSES[model_class].listed if model_class in CLASSES else ():
        if option.key == key:
            try:
                OptionValue(option).check(value, key)
            except WrongField as error:
                report_wrong(str(WrongField(error.problem, remembered_file(models, model_class).name)))
                return False
    return True


def report_wrong(problem: str) -> None:
    notice(tr("{problem}. The usual default is proposed instead.", problem=problem))


def remember(models: Path, model_class: str, answers: Mapping[str, Any]) -> None:
    models.mkdir(parents=True, exist_ok=True)
    write_atomically(remembered_file(models, model_class), json_bytes(answers))
