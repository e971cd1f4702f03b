"""The questions of `dfl faceset sort` without --by: which order, and what some orders want to know besides."""

import argparse
from dataclasses import dataclass

from dfl_cli.faceset.orders.names import ALIASES, DEFAULT_TARGET
from dfl_cli.options.kinds import Integer, Numbered, YesNo
from dfl_cli.options.option import Option
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import N_, tr

ORDERS = {  # in the order of DeepFaceLab's menu
    "blur": N_("sharpest first"),
    "motion-blur": N_("least motion blur first"),
    "face-yaw": N_("by head direction, left and right"),
    "face-pitch": N_("by head direction, up and down"),
    "face-source-rect-size": N_("largest in the frame first"),
    "hist": N_("similar colors next to each other"),
    "hist-dissim": N_("most unusual brightness first"),
    "brightness": N_("brightest first"),
    "hue": N_("by hue"),
    "black": N_("fewest black pixels first"),
    "origname": N_("by name of the source frame"),
    "oneface": N_("frames with several faces to the trash folder"),
    "absdiff": N_("similar images next to each other"),
    "final": N_("best faces: sharp, and of every head direction"),
    "final-fast": N_("best faces: large, and of every head direction"),
}


@dataclass(frozen=True)
class Orders(Numbered):
    """An order by its number or name, listed with what it does."""

    def menu(self):
        return [tr("({number}) {name}: {text}", number=number, name=name, text=tr(ORDERS[name]))
                for number, name in enumerate(self.choices)]  # fmt: skip


TABLE = (
    Option(
        key="by",
        label=N_("Choose sorting method"),
        kind=Orders(tuple(ORDERS)),
        default="hist",
        help=N_("The order in which the images are renamed. A sort can be undone: dfl faceset sort DIR --undo"),
    ),
    Option(
        key="similar",
        label=N_("Similar images next to each other?"),
        kind=YesNo(),
        default=True,
        when=lambda answers: answers["by"] == "absdiff",
        when_text=N_("the order is absdiff"),
        help=N_("n puts the least similar image next, which shows what is unusual."),
    ),
    Option(
        key="target",
        label=N_("Target number of faces?"),
        kind=Integer(1),
        default=DEFAULT_TARGET,
        when=lambda answers: answers["by"] in ALIASES,
        when_text=N_("the order is final or final-fast"),
        help=N_("About this many faces stay, spread over the head directions; the others go to the trash folder."),
    ),
)


def ask_sorting(args: argparse.Namespace) -> None:
    """Put the answers into `args`; flags that were given are not asked."""
    given = {"target": args.target} if args.target is not None else {}
    given |= {"similar": False} if args.unlike else {}
    answers = ask_table(TABLE, given=given)
    args.by, args.target, args.unlike = answers["by"], answers["target"], not answers["similar"]
