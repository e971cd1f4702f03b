"""`dfl model`: list, info, rename, copy, delete, trash, backup, restore, timelapse, import-dfl, export-dfl, export-dfm."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from dfl_cli.classes.registry import CLASSES
from dfl_cli.model import export_dfm, timelapse
from dfl_cli.options.flags import spellings
from dfl_cli.options.tables.structure import FACE_TYPE
from dfl_cli.terminal.console import notice, say
from dfl_cli.translate import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title=tr("actions"))
    add_looking(actions)
    add_upkeep(actions)
    add_exchange(actions)


def add_looking(actions) -> None:
    listing = add_action(actions, "list", list_models, tr("list the models in a folder, newest first"))
    listing.add_argument("--json", action="store_true", help=tr("Print a single JSON object and verify checksums."))
    info = add_action(actions, "info", show_model, tr("show a model's options and check its files"))
    add_name(info)
    info.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))
    film = add_action(actions, "timelapse", timelapse.run, tr("make a video of a model's preview history"))
    timelapse.add_arguments(film)


def add_upkeep(actions) -> None:
    rename = add_action(actions, "rename", rename_model, tr("rename a model"))
    add_name(rename)
    rename.add_argument("new_name", metavar="NEW", help=tr("The new name."))
    copy = add_action(actions, "copy", copy_model, tr("copy a model under a new name"))
    add_name(copy)
    copy.add_argument("new_name", metavar="NEW", help=tr("Name of the copy."))
    delete = add_action(actions, "delete", delete_model, tr("move a model with its backups to the trash"))
    add_name(delete)
    delete.add_argument("--yes", action="store_true", help=tr("Do not ask."))
    add_trash(actions)
    backup = add_action(actions, "backup", back_up_model, tr("copy the newest save to the model's backups"))
    add_name(backup)
    backup.add_argument(
        "--copy",
        action="store_true",
        help=tr("Copy the files instead of hard-linking them, so that damage to the save leaves the backup intact."),
    )
    restore = add_action(actions, "restore", restore_model, tr("restore a backup"))
    add_name(restore)
    restore.add_argument(
        "--from", dest="backup", metavar="ID", help=tr("Number of the backup; default: 01, the newest.")
    )


def add_trash(actions) -> None:
    trash = add_action(actions, "trash", show_trash, tr("list deleted models, restore one or free their space"))
    what = trash.add_mutually_exclusive_group()
    what.add_argument("--bring-back", metavar="NAME", help=tr("Restore this model from the trash."))
    what.add_argument("--empty", action="store_true", help=tr("Delete all trashed models permanently."))
    trash.add_argument("--yes", action="store_true", help=tr("Do not ask."))


def add_exchange(actions) -> None:
    bring = add_action(actions, "import-dfl", import_model, tr("import a DeepFaceLab model"))
    bring.add_argument("folder", metavar="FOLDER", type=Path, help=tr("DeepFaceLab's model folder."))
    bring.add_argument("--name", required=True, help=tr("Name of the imported model."))
    bring.add_argument(
        "--to", type=Path, metavar="MODELS", help=tr("Folder that contains the models; same as --models.")
    )
    bring.add_argument(
        "--class", dest="model_class", choices=list(CLASSES), help=tr("Model class, if there are several.")
    )
    bring.add_argument(
        "--model-name", metavar="NAME", help=tr("The model's name in DeepFaceLab, if there are several.")
    )
    bring.add_argument(
        "--face-type",
        choices=FACE_TYPE.kind.choices,
        help=tr("Part of the head that the model shows, if its files do not say it in DeepFaceLab's words."),
    )
    for side in ("src", "dst"):
        about = tr("Faces of {side}, to measure where the model puts them; default: those of the workspace.", side=side)
        bring.add_argument(*spellings(f"--{side}"), type=Path, metavar="FOLDER", help=about)
    send = add_action(actions, "export-dfl", export_model, tr("export a model to DeepFaceLab"))
    add_name(send)
    send.add_argument(*spellings("--output"), type=Path, required=True, metavar="FOLDER", help=tr("Output folder."))
    send.add_argument(
        "--as", dest="user", metavar="NAME", help=tr("The model's name in DeepFaceLab; default: same as here.")
    )
    send.add_argument("--force", action="store_true", help=tr("Replace an existing model of that name."))
    live = add_action(
        actions, "export-dfm", export_dfm.run, tr("export a model as a .dfm file for DeepFaceLive and others")
    )
    export_dfm.add_arguments(live)


def add_action(actions, name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=about)
    places = parser.add_argument_group(tr("folders"))
    places.add_argument(*spellings("--models"), type=Path, help=tr("Folder that contains the models."))
    places.add_argument("--workspace", type=Path, help=tr("Workspace folder; its models are in its model folder."))
    parser.set_defaults(run_action=run)
    return parser


def add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=tr("Name of the model."))


def run(args: argparse.Namespace) -> int:
    return args.run_action(args)


def models_folder(args: argparse.Namespace) -> Path:
    """Where the models are.

    Raises:
        UserError: it was not said, or there is no such folder.
    """
    from dfl_cli.store.workspace import existing_folder, folder_for

    writes = args.run_action not in (list_models, show_model)
    folder = folder_for(args.models, args.workspace, "models", flag="--models", announce=writes)
    return existing_folder(folder, "--models")


def folder_to_write(path: Path, flag: str) -> Path:
    """`path`, which may not exist yet.

    Raises:
        UserError: it is a file.
    """
    from dfl_cli.store.workspace import existing_folder

    return existing_folder(path, flag) if path.exists() else path


def list_models(args: argparse.Namespace) -> int:
    from dfl_cli.model.listing import describe, quick_facts, table_of_models
    from dfl_cli.store.dfl_models import import_lines
    from dfl_cli.store.model_dir import saved_models

    models = models_folder(args)
    found, others = saved_models(models), import_lines(models)
    if args.json:
        print_json({"models": [describe(one) for one in found]})
        for line in others:
            notice(line)
        return 0
    empty = [] if others else [tr("There is no model yet.")]
    for line in [*(table_of_models([quick_facts(one) for one in found]) if found else empty), *others]:
        say(line)
    return 0


def show_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.listing import describe, lines_about
    from dfl_cli.store.choose_model import existing_model
    from dfl_cli.store.model_dir import ModelDir

    facts = describe(ModelDir(existing_model(models_folder(args), args.name)))
    if args.json:
        print_json(facts)
        return 0
    for line in lines_about(facts):
        say(line)
    return 0


def print_json(value: dict) -> None:
    """In ASCII, so that it survives every pipe."""
    print(json.dumps(value, indent=2), flush=True)


def rename_model(args: argparse.Namespace) -> int:
    from dfl_cli.store.choose_model import normalize_name
    from dfl_cli.store.choose_model import rename_model as rename

    rename(models_folder(args), args.name, args.new_name)
    say(tr("Renamed {old} to {new}.", old=normalize_name(args.name), new=normalize_name(args.new_name)))
    return 0


def copy_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.manage import copy

    copy(models_folder(args), args.name, args.new_name)
    return 0


def show_trash(args: argparse.Namespace) -> int:
    from dfl_cli.model.listing import quick_facts, table_of_models
    from dfl_cli.model.manage import empty_trash, restore_from_trash
    from dfl_cli.store.trash import list_trash

    models = models_folder(args)
    if args.bring_back:
        restore_from_trash(models, args.bring_back)
    elif args.empty or not (found := list_trash(models)):
        empty_trash(models, sure=args.yes)
    else:
        for line in table_of_models([quick_facts(one) for one in found]):
            say(line)
    return 0


def delete_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.manage import delete

    delete(models_folder(args), args.name, sure=args.yes)
    return 0


def back_up_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.manage import back_up

    back_up(models_folder(args), args.name, link=not args.copy)
    return 0


def restore_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.manage import restore

    restore(models_folder(args), args.name, args.backup)
    return 0


def import_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.dfl_folder import choose_dfl_model
    from dfl_cli.model.import_dfl import import_dfl
    from dfl_cli.model.measure_import import find_faces
    from dfl_cli.store.installing import complete_interrupted
    from dfl_cli.store.workspace import existing_folder, folder_for

    models = folder_to_write(folder_for(args.to or args.models, args.workspace, "models", flag="--to"), "--to")
    folder = existing_folder(args.folder.expanduser().absolute(), "FOLDER")
    faces = find_faces(args)
    complete_interrupted(folder)
    model = choose_dfl_model(folder, model_class=args.model_class, user=args.model_name)
    import_dfl(model, models, args.name, face_type=args.face_type, faces=faces)
    return 0


def export_model(args: argparse.Namespace) -> int:
    from dfl_cli.model.export_dfl import export_dfl
    from dfl_cli.store.choose_model import existing_model
    from dfl_cli.store.model_dir import ModelDir
    from dfl_cli.store.saved_model import open_model

    saved = open_model(ModelDir(existing_model(models_folder(args), args.name)))
    output = folder_to_write(args.output.expanduser().absolute(), "--output")
    export_dfl(saved, output, user=args.user, overwrite=args.force)
    return 0
