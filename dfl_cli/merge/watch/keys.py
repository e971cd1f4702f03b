"""The keys of an interactive merge as tables (merger.md 2.1 and 3); window, page and help screen read them.

A key is the character it types, so Shift is part of it: `w` and `W`, `.` and `>`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dfl_cli.merge.watch.session import MergeSession
from dfl_cli.options.option import Option
from dfl_cli.translate import language, tr

MODE_KEYS = "`123456"  # in the order of the modes
STEPS = (1, -1, 5, -5)
# Option -> the keys for these four steps.
STEP_KEYS = {
    "hist_match_threshold": "qaQA",
    "erode_mask_modifier": "wsWS",
    "blur_mask_modifier": "edED",
    "motion_blur_power": "rfRF",
    "super_resolution_power": "tgTG",
    "blursharpen_amount": "yhYH",
    "output_face_scale": "ujUJ",
    "image_denoise_power": "ikIK",
    "bicubic_degrade_power": "olOL",
    "color_degrade_power": "p;P:",
}
CYCLE_KEYS = {"masked_hist_match": "z", "mask_mode": "x", "color_transfer_mode": "c", "sharpen_mode": "n"}
MOVE_KEYS: dict[str, Callable[[MergeSession], bool]] = {
    ",": MergeSession.back,
    "<": MergeSession.first,
    "m": MergeSession.back_with_settings,
    "M": MergeSession.first_with_settings,
    ".": MergeSession.forward,
    "/": MergeSession.forward_with_settings,
    "?": lambda session: session.copy_to_following() | session.forward(),
}
WRITE_REMAINING, SHOW_MASK, SHRINK, ENLARGE, OTHER_SCREEN, LEAVE = ">", "v", "-", "=", "\t", "\x1b"


class HelpLine(NamedTuple):
    """What one or two keys do."""

    keys: str
    text: str


def press(session: MergeSession, key: str) -> bool:
    """Do what `key` means for the session; False if it means nothing there or changes nothing."""
    verb = key_actions().get(key)
    return verb is not None and verb(session)


def is_session_key(key: str) -> bool:
    return key in key_actions()


def key_actions() -> dict[str, Callable[[MergeSession], bool]]:
    """Key -> what it does to the session."""
    return dict([*setting_actions(), *MOVE_KEYS.items()])


def setting_actions() -> Iterator[tuple[str, Callable[[MergeSession], bool]]]:
    for number, key in enumerate(MODE_KEYS):
        yield key, lambda session, number=number: choose_mode(session, number)
    for option, keys in STEP_KEYS.items():
        for key, amount in zip(keys, STEPS, strict=True):
            yield key, lambda session, option=option, amount=amount: session.step(option, amount)
    for option, key in CYCLE_KEYS.items():
        yield key, lambda session, option=option: session.cycle(option)


def choose_mode(session: MergeSession, number: int) -> bool:
    modes = session.options["mode"].kind.choices
    return number < len(modes) and session.change("mode", modes[number])


def keys_of(option: str) -> str:
    """The keys of an option, for its tooltip: `w / s`; empty if it has none."""
    if option == "mode":
        return f"{MODE_KEYS[0]} {MODE_KEYS[1]}-{MODE_KEYS[-1]}"
    return " / ".join(STEP_KEYS[option][:2]) if option in STEP_KEYS else CYCLE_KEYS.get(option, "")


def short_name(option: Option) -> str:
    """The option in a few words: its key in English, its label in other languages."""
    return option.key.replace("_", " ") if language() == "en" else tr(option.label)


def settings_help(session: MergeSession) -> list[HelpLine]:
    """The keys of the settings there are."""
    found = [(keys_of(option.key), short_name(option)) for option in session.options.values()]
    return [HelpLine(keys, text) for keys, text in found if keys]


def moves_help() -> list[HelpLine]:
    """The keys that go from frame to frame and write."""
    return [
        HelpLine(", .", tr("previous, next frame")),
        HelpLine("<", tr("first frame")),
        HelpLine("m /", tr("previous, next frame, copying these settings")),
        HelpLine("M", tr("first frame, copying these settings to all frames in between")),
        HelpLine("?", tr("copy these settings to all following frames and go to the next")),
        HelpLine(">", tr("render all remaining frames")),
        HelpLine("Shift", tr("with a setting's key: five steps at a time")),
    ]


def views_help() -> list[HelpLine]:
    """The keys that change only what is seen."""
    return [HelpLine(SHOW_MASK, tr("the mask")), HelpLine(f"{SHRINK} {ENLARGE}", tr("zoom out, in"))]
