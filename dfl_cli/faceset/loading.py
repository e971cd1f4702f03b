"""Face sets opened for a command: with a progress bar, and with every picture that cannot be used named."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dfl_cli.errors import UserError
from dfl_cli.store.workspace import existing_folder
from dfl_cli.terminal.console import counted_progress, notice
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import N_, clauses, labeled, ntr, tr

if TYPE_CHECKING:
    from samplers.files.faces import Skipped
    from samplers.files.reason import Reason

MAX_KINDS = 4  # of faults in an error message
PLAIN_REASONS = {  # value of a Fault that needs no fact -> what it is, in words
    "empty": N_("the file is empty"),
    "not-an-image": N_("not a JPEG image"),
    "no-face-data": N_("an image without face data; only extracted faces can be used"),
    "no-landmarks": N_("its face data has no landmarks"),
    "truncated": N_("the file is truncated"),
    "mark-only": N_("a whole frame with marked faces, not an aligned face"),
    "damaged-mask": N_("its XSeg mask is damaged"),
    "no-mask": N_("it has neither a mask nor labels"),
    "no-source": N_("its face data does not name the frame it comes from"),
    "changed": N_("its face data has changed since it was saved"),
    "cropped": N_("the image was cropped since its face data was saved"),
    "gone": N_("there is no file of this name"),
    "size-differs": N_("the image size changed while in use"),
    "encrypted": N_("encrypted in the zip file"),
    "png-face": N_("a PNG face of DeepFaceLab 1; dfl faceset convert makes it a JPEG"),
    "name": N_("its name is not allowed in a pack; rename it"),
    "not-sharp": N_("no sharp edges in the face"),
    "shares-its-frame": N_("its frame has several faces"),
    "not-among-the-best": N_("there are better faces in this direction"),
}
MAX_NAMES = 20  # skipped pictures that are listed one by one; the rest is counted


def load_faceset(folder: Path, prefer: str = "pack"):
    """The `samplers.files.faces.Faceset` in `folder`; skipped pictures are named on stderr. `prefer`: pack or files.

    Raises:
        UserError: no folder, or no face in it.
    """
    from samplers.files.faces import NoFaces

    try:
        faces = find_faces(folder, prefer)
    except NoFaces as error:
        report_skipped(error.skipped)
        raise no_faces(error) from error
    report_skipped(faces.skipped)
    if faces.skipped:
        used = ntr("{count} face", "{count} faces", count=len(faces))
        skipped = ntr("{count} image skipped", "{count} images skipped", count=len(faces.skipped))
        notice(tr("{folder}: {faces}, {skipped}.", folder=folder, faces=used, skipped=skipped))
    return faces


def existing_face_folder(path: Path, flag: str) -> Path:
    """`path` if it is a folder.

    Raises:
        UserError: it is not; names the folder nearby that has faces.
    """
    try:
        return existing_folder(path, flag)
    except UserError as error:
        from dfl_cli.faceset.diagnosis import advice_on_places

        fix = None if path.exists() else advice_on_places(path)
        raise UserError(error.what, saw=error.saw, fix=fix or error.fix) from error


def find_faces(folder: Path, prefer: str):
    """The `Faceset` in `folder`; what was passed over and which of pack and images is used is reported on stderr.

    Raises:
        NoFaces
        UserError: no folder.
    """
    from dfl_cli.faceset.pack_and_files import source_lines
    from samplers.files.faces import NoFaces, NoFolder, Prefer, open_faceset

    shown = f"{folder.parent.name}/{folder.name}"
    with counted_progress(tr("Loading faces of {folder}", folder=shown), keep=False) as show:
        try:
            faces = open_faceset(folder, on_progress=show, prefer=Prefer(prefer))
        except NoFolder as error:
            raise no_folder(error) from error
        except NoFaces as error:
            mention_ignored(folder, error.foreign)
            raise
    mention_ignored(folder, faces.foreign)
    for line in [*unusable_lines(faces), *source_lines(faces)]:
        notice(line)
    return faces


def unusable_lines(faces) -> list[str]:
    """What was tried first and has no face that can be used."""
    from dfl_cli.faceset.pack_and_files import source_text

    lines = []
    for source, skipped in faces.unusable.items():
        in_pack = skipped and skipped[0].name == source.value
        reason = reason_text(skipped[0].reason) if in_pack else summary(skipped)
        lines.append(
            tr(
                "{folder}: {source} cannot be used ({reason}). Used instead: {other}.",
                folder=faces.folder,
                source=source_text(source),
                reason=reason,
                other=source_text(faces.source),
            )
        )
    return lines


def warn_of_smaller_faces(faces, wanted: str) -> None:
    """Say how many faces show less of the head than the model's face type `wanted` (h, mf, f, wf, head)."""
    from samplers.face_sampler import smaller_types
    from samplers.geometry.face_types import FaceType

    for face_type, count in smaller_types(faces, FaceType.from_short(wanted)).items():
        notice(
            ntr(
                "{folder}: {count} face is {found}, which shows less than {wanted}; its borders are stretched.",
                "{folder}: {count} faces are {found}, which shows less than {wanted}; their borders are stretched.",
                count=count,
                folder=faces.folder,
                found=face_type.short,
                wanted=wanted,
            )
        )


def report_skipped(skipped: list) -> None:
    for picture in skipped[:MAX_NAMES]:
        notice(skipped_line(picture))
    if len(skipped) > MAX_NAMES:
        notice(
            ntr(
                "... and {count} more skipped image.",
                "... and {count} more skipped images.",
                count=len(skipped) - MAX_NAMES,
            )
        )


def skipped_facts(skipped: Iterable["Skipped"]) -> list[dict[str, str]]:
    """Pictures that were left out, as `--json` lists them."""
    return [{"name": each.name, "reason": str(each.reason)} for each in skipped]


def skipped_line(picture) -> str:
    """One `samplers.files.faces.Skipped` for a person."""
    return tr("Skipped {name}: {reason}", name=picture.name, reason=reason_text(picture.reason))


def reason_text(reason: "Reason") -> str:
    """Why a picture is left out, in words."""
    from samplers.files.reason import Fault

    fact = reason.fact
    if words := PLAIN_REASONS.get(reason.fault.value):
        return tr(words)
    match reason.fault:
        case Fault.LANDMARKS:
            return tr("unusable landmarks: {fact}", fact=tr(fact))
        case Fault.DAMAGED:
            return tr("damaged ({fact})", fact=tr(fact))
        case Fault.HOSTILE:
            return tr("its face data tries to execute {fact}; it was not executed", fact=fact)
        case Fault.TOO_LARGE:
            return tr("the image claims to have {fact} pixels", fact=fact)
        case Fault.UNKNOWN_FACE_TYPE:
            return tr("unknown face type {fact}", fact=fact)
        case Fault.UNREADABLE:
            return tr("cannot be read ({fact})", fact=tr(fact))
        case Fault.COMPRESSION:
            return tr("compressed with method {fact} of the zip format, which dfl does not read", fact=fact)
        case Fault.EXPANDS:
            return tr("unpacks to {fact} bytes, far more than an image", fact=fact)
    raise ValueError(reason)


def no_folder(error) -> UserError:
    return UserError(tr("There is no folder {path}.", path=error.path), fix=tr("Check the path."))


def no_faces(error) -> UserError:
    """What is there instead of faces, and which folder was probably meant."""
    from dfl_cli.faceset.diagnosis import advice
    from samplers.files.reason import Fault

    are_faces = error.skipped and all(each.reason.fault is Fault.LANDMARKS for each in error.skipped)
    none = tr("None of the faces in {path} can be used.", path=error.path)
    return UserError(
        none if are_faces else tr("No faces in {path}.", path=error.path),
        saw=summary(error.skipped) or tr("No images."),
        fix=advice(error.path, error.skipped),
    )


def summary(skipped: list) -> str:
    """Unusable packs, then pictures by the kind of their fault, the most frequent first; a fact is that of the first."""
    from samplers.files.face_folder import PACK_NAMES

    packs = [labeled(each.name, reason_text(each.reason)) for each in skipped if each.name in PACK_NAMES]
    kinds: dict = {}
    for each in skipped:
        if each.name not in PACK_NAMES:
            kinds.setdefault(each.reason.fault, []).append(each.reason)
    images = [
        ntr("{count} image: {reason}", "{count} images: {reason}", count=len(found), reason=reason_text(found[0]))
        for found in sorted(kinds.values(), key=len, reverse=True)[:MAX_KINDS]
    ]
    return clauses(packs + images)
