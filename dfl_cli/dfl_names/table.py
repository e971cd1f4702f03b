"""DeepFaceLab's commands and flags, and what stands for them here.

A flag that only has another spelling is in `options.flags.ALIASES`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from dfl_cli.translate import N_


class Here(NamedTuple):
    """The command that does what one of DeepFaceLab's does."""

    command: str
    place: str  # DeepFaceLab's flag whose value stands here without a flag
    usage: str  # what follows the command, for lists
    needed: tuple[str, ...] = ()  # a flag, in all its spellings, that DeepFaceLab's command does not have
    why_needed: str = ""


class Explained(NamedTuple):
    """A flag of DeepFaceLab's that does not exist here."""

    text: str  # what to do instead
    refuses: bool = False  # the command would do something else without it
    values: int = 0  # words after the flag that belong to it
    only: str = ""  # explained with this value only; with another one the flag exists


COMMANDS: Mapping[str, Here] = {
    "sort": Here("faceset sort", "--input-dir", "DIR --by ORDER"),
    "exportdfm": Here("model export-dfm", "", "NAME --models DIR"),
    "videoed extract-video": Here("video extract", "--input-file", "VIDEO --output DIR"),
    "videoed cut-video": Here("video cut", "--input-file", "VIDEO"),
    "videoed denoise-image-sequence": Here("video denoise", "--input-dir", "DIR --factor N"),
    "videoed video-from-sequence": Here("video join", "--input-dir", "DIR --output FILE --reference VIDEO"),
    "facesettool enhance": Here(
        "faceset enhance",
        "--input-dir",
        "DIR --network FILE",
        ("--network", "--super-resolution-model"),
        N_(
            "DeepFaceLab's network is not part of dfl. Add {flag} FILE, an ONNX file with a network that restores faces."
        ),
    ),
    "facesettool resize": Here("faceset resize", "--input-dir", "DIR"),
}
# The switches of `util`, in the order in which DeepFaceLab carries them out.
UTILITIES: Mapping[str, Here] = {
    "--add-landmarks-debug-images": Here("faceset debug-images", "--input-dir", "DIR"),
    "--recover-original-aligned-filename": Here("faceset recover-names", "--input-dir", "DIR"),
    "--save-faceset-metadata": Here("faceset save-metadata", "--input-dir", "DIR"),
    "--restore-faceset-metadata": Here("faceset restore-metadata", "--input-dir", "DIR"),
    "--pack-faceset": Here("faceset pack", "--input-dir", "DIR"),
    "--unpack-faceset": Here("faceset unpack", "--input-dir", "DIR"),
    "--export-faceset-mask": Here("faceset export-masks", "--input-dir", "DIR"),
}
GROUPS = ("videoed", "util", "facesettool")  # first words that need another word or a switch

# Command here -> flag -> what is explained about it.
EXPLAINED: Mapping[str, Mapping[str, tuple[Explained, ...]]] = {
    "extract": {
        "--detector": (
            Explained(
                N_("Uses the detector that comes with dfl; --dfl-networks DIR uses S3FD and FAN of a DeepFaceLab folder."),
                values=1, only="s3fd",
            ),
            Explained(
                N_("Run dfl extract without it, then mark faces by hand in the browser: dfl extract review"),
                refuses=True, values=1, only="manual",
            ),
        ),
        "--face-type": (
            Explained(
                N_("Faces are always cut out. Use --face-type whole_face, or head."),
                refuses=True, values=1, only="mark_only",
            ),
        ),
        "--manual-fix": (
            Explained(
                N_("Frames without a face are listed at the end; mark their faces in the browser: dfl extract review")
            ),
        ),
        "--manual-output-debug-fix": (
            Explained(N_("Repair wrong faces in the browser, frame by frame: dfl extract review"), refuses=True),
        ),
        "--manual-window-size": (
            Explained(N_("Not used: dfl extract review is a page in the browser, as large as its window."), values=1),
        ),
    },
    "train": {
        "--debug": (
            Explained(
                N_("Samples are not shown without training. Train, and press p for a preview of the latest batch."),
                refuses=True,
            ),
        ),
        "--execute-program": (
            Explained(
                N_(
                    "Code is not run. For other settings at given iterations use stages in an answers file (--answers FILE); "
                    "see also --target-iter, --autosave-minutes and --autobackup-hour."
                ),
                refuses=True, values=2,
            ),
        ),
        "--pretrained-model-dir": (
            Explained(
                N_(
                    "Not used. To start a new model with the weights of that one, import it with dfl model import-dfl and add "
                    "--init-from NAME."
                ),
                values=1,
            ),
        ),
    },
    "faceset enhance": {
        "--cpu-only": (Explained(N_("Not used: the network runs where ONNX Runtime runs it.")),),
        "--force-gpu-idxs": (Explained(N_("Not used: the network runs where ONNX Runtime runs it."), values=1),),
    },
    "video join": {
        "--ext": (Explained(N_("Not needed: all images in the folder are used, whatever their format."), values=1),),
    },
}  # fmt: skip
DEVELOPERS = {"dev_test"}  # commands for those who work on DeepFaceLab itself
