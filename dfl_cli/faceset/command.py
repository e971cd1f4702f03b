"""`dfl faceset`: info, pack, unpack, convert, coverage, sort, identify, clean; more in `edit`."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.actions import add_action, add_folder, answer, confirm, folder_of
from dfl_cli.options.flags import add_flags_for_owner, add_prefer_flag, whole_number
from dfl_cli.terminal.console import is_interactive, notice, say
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import N_, listed, ntr, tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title=tr("actions"))
    info = add_action(
        actions, "info", show_info, tr("show counts, types, sizes, sharpness, directions, duplicates and broken files")
    )
    add_folder(info)
    add_prefer_flag(info)
    add_plot(info)
    add_packing(actions)
    add_converting(actions)
    coverage = add_action(
        actions, "coverage", show_coverage, tr("show what src lacks for a swap into dst, before training")
    )
    coverage.add_argument("src", metavar="SRC", type=Path, help=tr("Faces to put on: a face set of aligned pictures."))
    coverage.add_argument("dst", metavar="DST", type=Path, help=tr("Faces to replace: a face set of aligned pictures."))
    add_prefer_flag(coverage)
    add_plot(coverage)
    add_sorting(actions)
    add_identifying(actions)
    add_cleaning(actions)
    add_editing(actions)


def add_packing(actions) -> None:
    pack = add_action(actions, "pack", pack_faces, tr("pack all faces of a folder into one file, faceset.pak"))
    add_folder(pack)
    pack.add_argument(
        "--persons", action=argparse.BooleanOptionalAction,
        help=tr("Pack each subfolder as a person; the default if there are subfolders."),
    )  # fmt: skip
    pack.add_argument("--overwrite", action="store_true", help=tr("Replace an existing pack."))
    pack.add_argument(
        "--delete-originals", action=argparse.BooleanOptionalAction,
        help=tr("Delete the packed images; without a terminal they are kept."),
    )  # fmt: skip
    unpack = add_action(actions, "unpack", unpack_faces, tr("unpack faces to files and remove the pack"))
    add_folder(unpack)
    unpack.add_argument("--keep-pack", action="store_true", help=tr("Keep the pack."))


def add_converting(actions) -> None:
    about = tr("write the PNG faces of DeepFaceLab 1 as JPEG faces to <folder>_jpg")
    add_folder(add_action(actions, "convert", convert_faces, about))


def add_sorting(actions) -> None:
    from dfl_cli.faceset.orders.names import DEFAULT_TARGET, NAMES

    about = tr("rename images in sorted order and move rejected ones to <folder>_trash; can be undone")
    sort = add_action(actions, "sort", sort_faces, about)
    add_folder(sort)
    what = sort.add_mutually_exclusive_group()
    by = tr("One of: {names}. Without it, a terminal asks.", names=listed(NAMES))
    what.add_argument("--by", choices=NAMES, metavar="ORDER", help=by)
    what.add_argument("--undo", action="store_true", help=tr("Undo the last sort of this folder."))
    add_prefer_flag(sort)
    sort.add_argument("--dry-run", action="store_true", help=tr("Show what would be done without doing it."))
    sort.add_argument(
        "--target", type=whole_number(1), metavar="N",
        help=tr("Approximate number of faces that final keeps; default: {default}.", default=DEFAULT_TARGET),
    )  # fmt: skip
    sort.add_argument(
        "--unlike",
        action="store_true",
        help=tr("absdiff: put the least similar face next instead of the most similar."),
    )
    sort.set_defaults(refuse=sort.error)


def add_identifying(actions) -> None:
    about = tr("show who is in a face set and propose the faces of others for removal; moves nothing without --move")
    parser = add_action(actions, "identify", identify_faces, about)
    add_folder(parser)
    add_flags_for_owner(parser)
    parser.add_argument("--move", action="store_true", help=tr("Move the faces of others to <folder>_trash."))
    add_prefer_flag(parser)


def add_cleaning(actions) -> None:
    from dfl_cli.faceset.clean.command import add_flags

    about = tr(
        "propose blurred, tiny and duplicate faces, those of others and those with implausible landmarks for removal; "
        "moves nothing without --move"
    )
    parser = add_action(actions, "clean", clean_faces, about)
    add_folder(parser)
    add_flags(parser)


def add_editing(actions) -> None:
    from dfl_cli.faceset.edit.command import add_actions

    add_actions(actions)


def add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help=tr("Write a chart as PNG."))
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace an existing chart without asking."))


def run(args: argparse.Namespace) -> int:
    return args.run_action(args)


def plot_file(args: argparse.Namespace, folders: Sequence[Path]) -> Path | None:
    """Where the chart of the face sets in `folders` goes.

    Raises:
        UserError: before work begins: no such folder, a file that nobody allowed to replace, or one of the face sets themselves.
    """
    from dfl_cli.options.outputs import file_to_write, is_same

    if args.plot is None:
        return None
    folder_of(args.plot.expanduser().absolute().parent)
    here = (path for folder in folders for path in folder.rglob("*") if is_same(args.plot, path) and is_content(path))
    return file_to_write(args.plot, overwrite=args.overwrite, asks=not args.json, sources=here)


def is_content(path: Path) -> bool:
    """Whether a file of a face set is one of its faces or packs; it may also be the chart of an earlier run."""
    from samplers.files.faces import Face, read_face

    return path.suffix.lower() != ".png" or isinstance(read_face(path, path.name), Face)


def save_plot(path: Path | None, draw: Callable) -> None:
    from dfl_cli.faceset.charts import save

    if path:
        save(path, draw())
        notice(tr("Chart written: {path}", path=path))


def show_info(args: argparse.Namespace) -> int:
    from dfl_cli.faceset import info_text
    from dfl_cli.faceset.diagnosis import advice
    from dfl_cli.faceset.info import faceset_info

    folder = folder_of(args.folder)
    plot = plot_file(args, [folder])
    info = faceset_info(folder, args.prefer)
    if info.names:
        save_plot(plot, lambda: info_text.draw(info))
    code = answer(args, info_text.lines(info), info_text.facts(info))
    if not info.names:
        notice(tr("  fix: {fix}", fix=advice(info.folder, info.skipped)))
    return code


def show_coverage(args: argparse.Namespace) -> int:
    from dfl_cli.faceset import coverage_plot, coverage_text
    from dfl_cli.faceset.coverage import compare
    from dfl_cli.faceset.loading import load_faceset

    folders = [folder_of(path) for path in (args.src, args.dst)]
    plot = plot_file(args, folders)
    src, dst = (load_faceset(folder, args.prefer) for folder in folders)
    found = compare(src, dst)
    save_plot(plot, lambda: coverage_plot.draw(found))
    return answer(args, coverage_text.comparison_lines(found), coverage_text.facts(found))


def pack_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    with changing(folder):
        return pack_folder(args, folder)


def pack_folder(args: argparse.Namespace, folder: Path) -> int:
    from dfl_cli.faceset import pack
    from dfl_cli.faceset.loading import skipped_facts

    persons = wants_persons(args, bool(pack.person_folders(folder)))
    with pack.changing_persons(folder if persons else None):
        files, skipped = pack.candidates(folder, persons=persons)
        older = None
        if args.overwrite or not (args.delete_originals and pack.holds_all(folder, files)):
            may_overwrite(args, folder / pack.PACK_NAME)
            older = pack.write(folder, files)
        delete = args.delete_originals
        if delete is None:
            delete = bool(confirm(N_("Delete the original images?"), True, args))
        stayed = pack.delete_packed(folder, files) if delete else files
    pack.remove_empty({file.path.parent for file in files} - {folder})
    facts = {
        "pack": str(folder / pack.PACK_NAME),
        "packed": len(files),
        "skipped": skipped_facts(skipped),
        "originals_left": len(stayed),
        "older_pack": older and str(older),
    }
    return answer(args, pack.lines(facts, skipped), facts)


def wants_persons(args: argparse.Namespace, there_are: bool) -> bool:
    if args.persons is not None or not there_are:
        return bool(args.persons)
    wanted = confirm(N_("There are subfolders. Pack each as a person?"), True, args)
    return True if wanted is None else wanted


def may_overwrite(args: argparse.Namespace, pack: Path) -> None:
    """Ask before a pack is replaced.

    Raises:
        UserError: the person says no, or nobody can be asked.
        DanglingLink
    """
    if is_dangling_link(pack):
        raise DanglingLink(pack)
    if not pack.exists() or args.overwrite or confirm(N_("There is already a pack. Replace it?"), True, args):
        return
    raise UserError(
        tr("There is already a pack."), saw=str(pack), fix=tr("Add --overwrite to replace it, or unpack it first.")
    )


def unpack_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset import pack
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    with changing(folder), pack.changing_persons(folder):
        done = pack.unpack(folder, keep_pack=args.keep_pack)
    facts = {"unpacked": done.count, "damaged": done.damaged, "pack_kept": done.pack_kept is not None}
    return answer(args, pack.lines_unpacked(folder, done), facts)


def convert_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.convert import convert
    from dfl_cli.faceset.edit.copies import lines

    done = convert(folder_of(args.folder))
    facts = done.facts()
    return answer(args, lines(done), facts | {"converted": facts["written"]})


def sort_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.orders.names import NAMES
    from dfl_cli.faceset.orders.question import ask_sorting
    from dfl_cli.faceset.sort import changing

    asks = is_interactive() and not args.json
    if not (args.by or args.undo or asks):
        args.refuse(tr("--by is missing: one of {names}.", names=listed(NAMES)))
    folder = folder_of(args.folder)
    if not (args.by or args.undo):
        ask_sorting(args)
    with changing(folder, dry=args.dry_run):
        return sort_folder(args, folder)


def sort_folder(args: argparse.Namespace, folder: Path) -> int:
    from dfl_cli.faceset import sort
    from dfl_cli.faceset.orders.names import DEFAULT_TARGET

    if args.undo:
        by, gone = sort.undo(folder, dry=args.dry_run)
        return answer(
            args, sort.lines_undone(by, gone, dry=args.dry_run), {"undone": by, "dry_run": args.dry_run, "gone": gone}
        )
    sort_options = sort.SortOptions(target=args.target or DEFAULT_TARGET, unlike=args.unlike)
    ranking, renames = sort.sort(folder, args.by, sort_options, dry=args.dry_run, prefer=args.prefer)
    lines = sort.plan_lines(ranking) if args.dry_run else sort.done_lines(args.by, ranking, renames)
    return answer(args, lines, sort.facts(args.by, ranking, dry=args.dry_run))


def identify_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset import identify
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    asks = is_interactive() and not args.json
    with changing(folder, dry=not (args.move or args.undo or asks)):
        if not args.undo:
            return identify_folder(args, folder, asks=asks)
        count = identify.undo(folder)
        said = ntr("Brought back {count} face.", "Brought back {count} faces.", count=count)
        return answer(args, [said], {"brought_back": count})


def identify_folder(args: argparse.Namespace, folder: Path, *, asks: bool) -> int:
    """Raises UserError."""
    from dfl_cli.extract.networks import NetworkChoice
    from dfl_cli.extract.people.references import read_references
    from dfl_cli.faceset import identify
    from dfl_cli.faceset.images import check_loose
    from dfl_cli.faceset.loading import load_faceset
    from samplers.files.faces import Source

    references = read_references(args.reference, NetworkChoice().open()) if args.reference else []
    faces = load_faceset(folder, args.prefer)
    if args.move:
        check_loose(folder, faces.source)
    found = identify.identify(faces)
    sheet = identify.write_sheet(found, folder) if len(found.census.counts) > 1 else None
    parts = identify.wanted_parts(found, person=args.person, references=references, asks=asks)
    verdict = identify.judge(found, parts)
    lines = identify.lines(found, verdict, sheet)
    if verdict.strangers and asks and not args.move and faces.source is Source.FILES:
        for line in lines:
            say(line)
        lines, args.move = [], bool(confirm(N_("Move the faces of others to the trash folder?"), False, args))
    trash = identify.move_away(folder, verdict.strangers) if args.move and verdict.strangers else None
    if trash:
        lines.append(
            tr("They are in {trash}. To undo: dfl faceset identify {folder} --undo", trash=trash, folder=quoted(folder))
        )
    return answer(args, lines, identify.facts(found, verdict, sheet, trash))


def clean_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.clean.command import BY, clean_folder
    from dfl_cli.faceset.identify import undo
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    asks = is_interactive() and not args.json
    with changing(folder, dry=not (args.move or args.undo or asks)):
        if args.undo:
            count = undo(folder, by=BY)
            said = ntr("Brought back {count} face.", "Brought back {count} faces.", count=count)
            return answer(args, [said], {"brought_back": count})

        def may_move() -> bool:
            return bool(confirm(N_("Move these faces to the trash folder?"), False, args))

        lines, facts = clean_folder(args, folder, may_move if asks else None)
        return answer(args, lines, facts)
