"""Face sets opened for a command: with a progress bar, and with every picture that cannot be used named."""

from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.terminal import counted_progress, notice
from dfl_cli.translate import ntr, tr

NAMED = 20  # skipped pictures that are listed one by one; the rest is counted


def load_faceset(folder: Path):
    """The `samplers.faces.Faceset` in `folder`; skipped pictures are named on stderr.

    Raises:
        UserError: no folder, or no face in it.
    """
    from samplers.faces import NoFaces, NoFolder, open_faceset

    shown = f"{folder.parent.name}/{folder.name}"
    with counted_progress(tr("Loading faces of {folder}", folder=shown), keep=False) as show:
        try:
            faces = open_faceset(folder, on_progress=show)
        except NoFolder as error:
            raise no_folder(error) from error
        except NoFaces as error:
            name_skipped(error.skipped)
            raise no_faces(error) from error
    name_skipped(faces.skipped)
    if faces.skipped:
        used = ntr("{count} face", "{count} faces", count=len(faces))
        skipped = ntr("{count} picture skipped", "{count} pictures skipped", count=len(faces.skipped))
        notice(tr("{folder}: {faces}, {skipped}.", folder=folder, faces=used, skipped=skipped))
    return faces


def warn_of_smaller_faces(faces, wanted: str) -> None:
    """Say how many faces show less of the head than the model's face type `wanted` (h, mf, f, wf, head)."""
    from samplers.face_sampler import smaller_types
    from samplers.face_types import FaceType

    for face_type, count in smaller_types(faces, FaceType.from_short(wanted)).items():
        notice(
            ntr(
                "{folder}: {count} face is {found}, which shows less than {wanted}; its border is stretched.",
                "{folder}: {count} faces are {found}, which shows less than {wanted}; their borders are stretched.",
                count=count,
                folder=faces.folder,
                found=face_type.short,
                wanted=wanted,
            )
        )


def name_skipped(skipped: list) -> None:
    for picture in skipped[:NAMED]:
        notice(skipped_line(picture))
    if len(skipped) > NAMED:
        notice(
            ntr(
                "... and {count} more skipped picture.",
                "... and {count} more skipped pictures.",
                count=len(skipped) - NAMED,
            )
        )


def skipped_line(picture) -> str:
    """One `samplers.faces.Skipped` for a person."""
    return tr("Skipped {name}: {reason}", name=picture.name, reason=reason_text(picture.reason))


def reason_text(reason: str) -> str:
    """The reason of a skipped picture in words; `reason` is one of those that `samplers.faces.Skipped` lists."""
    word, _, fact = reason.partition(": ")
    match word:
        case "not-an-image":
            return tr("not a JPEG picture")
        case "no-face-data":
            return tr("a picture without face data; only extracted faces can be used")
        case "no-landmarks":
            return tr("its face data has no landmarks")
        case "truncated":
            return tr("the file is cut off")
        case "mark-only":
            return tr("a whole frame with marks, not an aligned face")
        case "damaged":
            return tr("damaged ({fact})", fact=fact)
        case "hostile":
            return tr("its face data wants to run {fact}; nothing was run", fact=fact)
        case "too-large":
            return tr("the picture claims {fact} pixels", fact=fact)
        case "unknown-face-type":
            return tr("unknown face type {fact}", fact=fact)
        case "size-differs":
            return tr("the picture's size changed while in use")
        case "unreadable":
            return tr("cannot be read ({fact})", fact=fact)
    return reason


def no_folder(error) -> UserError:
    return UserError(tr("There is no folder {path}.", path=error.path), fix=tr("check the path"))


def no_faces(error) -> UserError:
    return UserError(
        tr("No faces in {path}.", path=error.path),
        saw=ntr("{count} picture, without face data", "{count} pictures, none with face data", count=error.found),
        fix=tr("give a folder of aligned faces, as DeepFaceLab's extractor writes them"),
    )
