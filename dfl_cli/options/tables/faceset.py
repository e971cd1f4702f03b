"""The questions of `dfl faceset`."""

from dfl_cli.options.kinds import Integer
from dfl_cli.options.option import Option
from dfl_cli.options.tables.extract import FACE_TYPES, FaceTypeChoice
from dfl_cli.translate import N_

SAME = "same"
RESIZE = (
    Option(
        key="size",
        label=N_("New image size"),
        kind=Integer(128, 2048),
        default=512,
        help=N_(
            "Side of the square images in pixels. Smaller images load faster and take less space; larger ones than "
            "the model's resolution are scaled down for each step of the training. Enlarging adds no detail."
        ),
    ),
    Option(
        key="face_type",
        label=N_("Change face type"),
        kind=FaceTypeChoice((*FACE_TYPES, SAME)),
        default=SAME,
        help=N_(
            "Cuts the faces again as another type: h half face, mf mid face, f full face, wf whole face, head. A larger "
            "type than the images have stretches their borders; extract again instead. same keeps the type."
        ),
    ),
)
