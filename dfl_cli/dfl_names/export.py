"""`exportdfm --model-dir M --model SAEHD`: which model, and the file's name as DeepFaceLab chooses it."""

from collections.abc import Sequence
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.flags import spellings
from dfl_cli.options.parser import Parser
from dfl_cli.store.choose_model import ModelChooser, choose_model, no_model
from dfl_cli.store.workspace import existing_folder, folder_for
from dfl_cli.terminal.console import is_interactive


def export_words(arguments: Sequence[str]) -> list[str]:
    """`model export-dfm NAME ...`; asks for the name where there are several models of the class. Raises UserError."""
    parser = Parser(prog="dfl exportdfm")
    parser.add_argument("--model", choices=list(CLASSES), required=True)
    parser.add_argument(*spellings("--models"), type=Path)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument(*spellings("--name"))
    given, rest = parser.parse_known_args(arguments)
    models = existing_folder(folder_for(given.models, given.workspace, "models", flag="--model-dir"), "--model-dir")
    name = name_of_model(models, given.model, given.name)
    output = [] if "--output" in rest else ["--output", str(models / file_name(name, given.model))]
    return ["model", "export-dfm", name, "--models", str(models), *output, *rest]


def name_of_model(models: Path, model_class: str, given: str | None) -> str:
    """Raises UserError where there is no model of the class."""
    chooser = ModelChooser(models, model_class, first_name="", may_create=False, console=None)
    saved = chooser.saved()
    if not saved and given is None:
        raise no_model(models)
    only = saved[0].name if len(saved) == 1 else None
    return choose_model(models, model_class, given=given or only, silent=not is_interactive(), may_create=False)


def file_name(name: str, model_class: str) -> str:
    """Of the exported file, as DeepFaceLab has it."""
    network = CLASSES[model_class].network
    return f"{name}_{model_class}_model.dfm" if network.swaps else f"{model_class}_model.onnx"
