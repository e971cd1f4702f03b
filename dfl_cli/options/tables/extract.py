"""The questions of `dfl extract`, in the order they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dfl_cli.options.kinds import Choice, Integer, YesNo, plain
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.tables.merge import at_most_cores, cores
from dfl_cli.options.tables.video import EXTRACT as VIDEO_EXTRACT
from dfl_cli.translate import N_
from samplers.geometry.face_types import FaceType, UnknownFaceType

FACE_TYPES = ("h", "mf", "f", "wf", "head")


@dataclass(frozen=True)
class FaceTypeChoice(Choice):
    """A face type by its short name, or by the one that files have, as in --face-type whole_face."""

    def read(self, raw):
        try:
            return super().read(FaceType.from_file(plain(str(raw))).short)
        except UnknownFaceType:
            return super().read(raw)


def from_video(answers: Mapping) -> bool:
    return answers["is_video"]


def usual_size(answers: Mapping) -> int:
    return 768 if answers["face_type"] == "head" else 512


def shows_dst(answers: Mapping) -> bool:
    """Whether the faces are probably those to replace, frame by frame."""
    return answers["side"] == "dst" or (answers["side"] is None and answers["is_video"])


OF_VIDEO = tuple(replace(option, when=from_video, when_text=N_("the input is a video")) for option in VIDEO_EXTRACT)
EXTRACT = (
    *OF_VIDEO,
    Option(
        key="face_type",
        label=N_("Face type"),
        kind=FaceTypeChoice(FACE_TYPES),
        default="wf",
        help=N_(
            "How much of the head a face image shows: h half face, mf mid face, f full face, wf whole face with forehead, "
            "head the whole head. A model can use faces of its own type and of larger ones."
        ),
    ),
    Option(
        key="max_faces",
        label=N_("Max number of faces from image"),
        kind=Integer(0),
        default=0,
        help=N_("The largest faces of each frame are taken, up to this number. 0 takes all."),
    ),
    Option(
        key="image_size",
        label=N_("Image size"),
        kind=Integer(256, 2048),
        default=usual_size,
        default_text=N_("512, or 768 for head"),
        help=N_(
            "Side of the face images in pixels. More than the faces have in the frames takes space and shows nothing more."
        ),
    ),
    Option(
        key="jpeg_quality",
        label=N_("JPEG quality"),
        kind=Integer(1, 100),
        default=90,
        help=N_("Quality of the face images. Higher values take more space."),
    ),
    Option(
        key="output_debug",
        label=N_("Write debug images to aligned_debug?"),
        kind=YesNo(),
        default=False,
        help=N_("Writes every frame with its faces and landmarks drawn in, to see what was found."),
    ),
    Option(
        key="smooth",
        label=N_("Smooth landmarks"),
        kind=YesNo(),
        default=shows_dst,
        default_text=N_("on for dst, and for a video given by --input"),
        ask=Ask.NEVER,
        help=N_(
            "Smooths the landmarks of each face over time, less where it moves fast, so that the merged face does not "
            "tremble. off keeps them as they were found in each frame."
        ),
    ),
    Option(
        key="workers",
        label=N_("Number of workers?"),
        kind=Integer(1),
        default=cores,
        default_text=N_("the number of CPU cores"),
        adjust=at_most_cores,
        ask=Ask.NEVER,
        help=N_(
            "Number of threads that look for faces in parallel. Use fewer if memory runs out, never more than CPU cores."
        ),
    ),
    Option(
        key="classic",
        label=N_("Pixels of DeepFaceLab"),
        kind=YesNo(),
        default=False,
        ask=Ask.NEVER,
        help=N_("Cuts faces by bilinear interpolation, as DeepFaceLab. Otherwise they are sharper."),
    ),
)
