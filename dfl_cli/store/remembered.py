"""The answers given for the last new model of a class, proposed to the next one: <models>/defaults-<class>.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dfl_cli.store.durable import json_bytes, read_json
from samplers.files.atomic_file import write_atomically


def remembered_file(models: Path, model_class: str) -> Path:
    return models / f"defaults-{model_class}.json"


def read_remembered(models: Path, model_class: str) -> dict[str, Any]:
    """Empty when there is no such file or it cannot be read: defaults are a comfort, nothing depends on them."""
    try:
        return read_json(remembered_file(models, model_class))
    except (OSError, ValueError, RecursionError):
        return {}


def remember(models: Path, model_class: str, answers: Mapping[str, Any]) -> None:
    models.mkdir(parents=True, exist_ok=True)
    write_atomically(remembered_file(models, model_class), json_bytes(answers))
