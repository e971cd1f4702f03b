"""Every command that writes, with what it may change."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from ground import FIXTURES, quietly
from tiny_enhancer import write_enhancer
from two_people import shifted

VIDEO = "av dfl_cli.video.command dfl_cli.video.extract dfl_cli.video.join dfl_cli.video.write"
FACES = "dfl_cli.faceset.command dfl_cli.faceset.pack dfl_cli.faceset.sort"
EDIT = "dfl_cli.faceset.edit.copies dfl_cli.faceset.edit.metadata dfl_cli.faceset.edit.original_names"
EXTRACT = "dfl_cli.extract.run dfl_cli.extract.networks dfl_cli.extract.analysis"
IDENTIFY = "dfl_cli.faceset.identify dfl_cli.faceset.clean.report dfl_cli.faceset.clean.measures"
QUICKLY = ("--image-size", "256", "--workers", "2", "--silent-start")
MODEL = "dfl_cli.model.manage dfl_cli.model.import_dfl dfl_cli.model.export_dfl models.weights"


CROWD = 4  # frames


def no_more(_root: Path) -> None:
    """The ground as it is will do."""


@dataclass(frozen=True)
class Command:
    """`line`: words; those that begin with / are paths below the ground. The rest:

    results  what it may change or make, below the ground; all else stays byte for byte
    whole    all of `results` changes at once; else every file for itself
    modules  loaded before runs are forked
    prepare  changes the ground before
    reads    files and folders that people may have spoiled
    slow     it loads TensorFlow: seconds for a run
    marker   without this file there is no result to speak of
    decides  while this file is the old one, the old result counts, whatever else is there
    works    folders of its own that stay until it is done
    adds     every run adds a result of its own
    extras   what it may also write, one file at a time, and does without
    moves    what it moves or deletes is a folder with all that is in it
    """

    name: str
    line: tuple[str, ...]
    results: tuple[str, ...]
    modules: str
    reads: tuple[str, ...] = ()
    whole: bool = True
    prepare: Callable[[Path], None] = no_more
    slow: bool = False
    marker: str = ""
    decides: str = ""
    works: tuple[str, ...] = ()
    adds: bool = False
    extras: tuple[str, ...] = ()
    moves: bool = False

    def words(self, root: Path) -> list[str]:
        return [str(root / word[1:]) if word.startswith("/") else word for word in self.line]


def older_frames(root: Path) -> None:
    """Frames of an older extraction, and a picture of the person's own."""
    cv2.imwrite(str(root / "frames" / "00001.png"), cv2.imread(str(root / "frames" / "00004.png")))
    shutil.copy(root / "holiday.jpg", root / "frames")


def older_film(root: Path) -> None:
    quietly("video", "join", root / "frames", "--output", root / "out.mp4", "--fps", 10, "--silent-start")


def older_export(root: Path) -> None:
    out = root / "out"
    quietly("model", "export-dfl", "tiny", "--models", root / "models", "--output", out)
    for path in out.iterdir():
        path.write_bytes(b"an older one")
    (out / "notes.txt").write_text("mine")


def older_merge(root: Path) -> None:
    (root / "out").mkdir()
    shutil.copy(root / "holiday.jpg", root / "out")


def older_chart(root: Path) -> None:
    quietly("faceset", "info", root / "faces", "--plot", root / "out.png")
    (root / "out.png").write_bytes((root / "out.png").read_bytes() + b"an older one")


def sorted_faces(root: Path) -> None:
    quietly("faceset", "sort", root / "faces", "--by", "hue")


def edited_faces(root: Path) -> None:
    """Faces whose data an image editor has dropped, one of them resized."""
    quietly("faceset", "save-metadata", root / "faces")
    for number, path in enumerate(sorted((root / "faces").glob("*.jpg"))):
        picture = cv2.imread(str(path))
        if picture is not None:
            cv2.imwrite(str(path), cv2.resize(picture, (96, 96)) if number == 1 else picture)


def enhancer(root: Path) -> None:
    write_enhancer(root / "enhancer.onnx")


def crowd(root: Path) -> None:
    """Frames with two real people."""
    two = cv2.imread(str(FIXTURES / "extract" / "two_people.jpg"))
    (root / "crowd").mkdir()
    for number in range(1, CROWD + 1):
        cv2.imwrite(str(root / "crowd" / f"{number:05d}.png"), shifted(two, number / 2))


def crowd_film(root: Path) -> None:
    crowd(root)
    quietly("video", "join", root / "crowd", "--output", root / "crowd.mp4", "--fps", 25, "--silent-start")


def older_crowd(root: Path) -> None:
    """Faces of another type, of which one was deleted and one changed, and a picture of the person's own."""
    crowd(root)
    quietly("extract", "--input", root / "crowd", "--output", root / "out", "--face-type", "f", *QUICKLY)
    (root / "out" / "00001_0.jpg").unlink()
    shutil.copy(root / "faces" / "00000_0.jpg", root / "out" / "00002_0.jpg")
    shutil.copy(root / "holiday.jpg", root / "out")


def crowd_faces(root: Path) -> None:
    crowd(root)
    quietly("extract", "--input", root / "crowd", "--output", root / "people", *QUICKLY)
    shutil.copy(root / "holiday.jpg", root / "people")


TABLE = (
    Command("video extract", ("video", "extract", "/film.mp4", "--output", "/new", "--silent-start"),
            ("new",), VIDEO, reads=("film.mp4",)),
    Command("video extract --overwrite", ("video", "extract", "/film.mp4", "--output", "/frames", "--overwrite"),
            ("frames",), VIDEO, reads=("film.mp4",), prepare=older_frames),
    Command("video join", ("video", "join", "/frames", "--output", "/out.mp4", "--overwrite", "--silent-start"),
            ("out.mp4",), VIDEO, reads=("frames",), prepare=older_film),
    Command("video cut", ("video", "cut", "/film.mp4", "--output", "/out.mp4", "--to", "0.1", "--overwrite", "--silent-start"),
            ("out.mp4",), VIDEO, reads=("film.mp4",), prepare=older_film),
    Command("video denoise", ("video", "denoise", "/frames", "--silent-start"), ("frames_denoised",),
            f"{VIDEO} dfl_cli.video.denoise", reads=("frames",), whole=False),
    Command("extract", ("extract", "--input", "/crowd.mp4", "--output", "/new", *QUICKLY), ("new", "new_frames"),
            f"{VIDEO} {EXTRACT} dfl_cli.extract.video_source", reads=("crowd.mp4",), whole=False, prepare=crowd_film,
            extras=("new_people",)),
    Command("extract --overwrite", ("extract", "--input", "/crowd", "--output", "/out", "--overwrite", *QUICKLY),
            ("out", "out_trash"), EXTRACT, reads=("crowd", "out"), whole=False, prepare=older_crowd, extras=("out_people",)),
    Command("merge", ("merge", "--frames", "/frames", "--aligned", "/aligned", "--models", "/models", "--name", "tiny",
                      "--output", "/out", "--batch"),
            ("out",), VIDEO, reads=("frames", "aligned"), whole=False, prepare=older_merge, slow=True),
    Command("merge --video", ("merge", "--video", "/film.mp4", "--aligned", "/aligned", "--models", "/models", "--name", "tiny",
                              "--output", "/out.mp4", "--batch", "--overwrite"),
            ("out.mp4",), VIDEO, reads=("film.mp4", "aligned"), prepare=older_film, slow=True,
            works=("out.mp4.merging",)),
    Command("model copy", ("model", "copy", "tiny", "other", "--models", "/models"), ("models/other",), MODEL, reads=("models",)),
    Command("model rename", ("model", "rename", "tiny", "other", "--models", "/models"), ("models",), MODEL, reads=("models",)),
    Command("model delete", ("model", "delete", "tiny", "--yes", "--models", "/models"), ("models",), MODEL, reads=("models",)),
    Command("model trash --bring-back", ("model", "trash", "--bring-back", "gone", "--models", "/models"),
            ("models",), MODEL, reads=("models/.trash",)),
    Command("model trash --empty", ("model", "trash", "--empty", "--yes", "--models", "/models"),
            ("models/.trash",), MODEL, reads=("models/.trash",), moves=True),
    Command("model backup", ("model", "backup", "tiny", "--copy", "--models", "/models"),
            ("models/tiny/backups",), MODEL, reads=("models",), adds=True, whole=False),
    Command("model restore", ("model", "restore", "tiny", "--from", "01", "--models", "/models"),
            ("models/tiny",), MODEL, reads=("models", "models/tiny/backups"), adds=True, decides="models/tiny/current"),
    Command("model import-dfl", ("model", "import-dfl", "/dfl", "--name", "other", "--to", "/models"),
            ("models/other",), MODEL, reads=("dfl",)),
    Command("model export-dfl", ("model", "export-dfl", "tiny", "--models", "/models", "--output", "/new"),
            ("new",), MODEL, reads=("models",)),
    Command("model export-dfl --force",
            ("model", "export-dfl", "tiny", "--models", "/models", "--output", "/out", "--force"),
            ("out",), MODEL, reads=("models",), prepare=older_export, marker="out/tiny_SAEHD_data.dat"),
    Command("model export-dfm", ("model", "export-dfm", "tiny", "--models", "/models", "--output", "/out.dfm"),
            ("out.dfm",), MODEL, reads=("models",), slow=True),
    Command("model timelapse", ("model", "timelapse", "tiny", "--models", "/models", "--output", "/out.mp4", "--overwrite"),
            ("out.mp4",), f"{MODEL} {VIDEO} dfl_cli.model.timelapse", reads=("models/tiny/history/SAEHD",), prepare=older_film),
    Command("faceset sort", ("faceset", "sort", "/faces", "--by", "hue"), ("faces", "faces_trash"), FACES, reads=("faces",)),
    Command("faceset sort --undo", ("faceset", "sort", "/faces", "--undo"), ("faces", "faces_trash"), FACES,
            reads=("faces",), prepare=sorted_faces),
    Command("faceset pack", ("faceset", "pack", "/faces", "--delete-originals"), ("faces",), FACES, reads=("faces",), whole=False),
    Command("faceset unpack", ("faceset", "unpack", "/packed"), ("packed",), FACES, reads=("packed", "packed/faceset.pak"), whole=False),
    Command("faceset convert", ("faceset", "convert", "/old"), ("old_jpg",), FACES, reads=("old",), whole=False),
    Command("faceset resize", ("faceset", "resize", "/faces", "--size", "128"), ("faces_128",), f"{FACES} {EDIT}",
            reads=("faces",), whole=False),
    Command("faceset enhance", ("faceset", "enhance", "/faces", "--network", "/enhancer.onnx"), ("faces_enhanced",),
            f"{FACES} {EDIT} dfl_cli.enhance.super_resolution", reads=("faces",), whole=False, prepare=enhancer),
    Command("faceset debug-images", ("faceset", "debug-images", "/faces"), ("faces_landmarks",), f"{FACES} {EDIT}",
            reads=("faces",), whole=False),
    Command("faceset export-masks", ("faceset", "export-masks", "/faces", "--hull"), ("faces_masks",), f"{FACES} {EDIT}",
            reads=("faces",), whole=False),
    Command("faceset recover-names", ("faceset", "recover-names", "/faces"), ("faces",), f"{FACES} {EDIT}",
            reads=("faces",), prepare=sorted_faces),
    Command("faceset save-metadata", ("faceset", "save-metadata", "/faces"), ("faces/metadata.jsonl",), f"{FACES} {EDIT}",
            reads=("faces",)),
    Command("faceset restore-metadata", ("faceset", "restore-metadata", "/faces"), ("faces",), f"{FACES} {EDIT}",
            reads=("faces",), whole=False, prepare=edited_faces),
    Command("faceset identify --move", ("faceset", "identify", "/people", "--move", "--json"), ("people", "people_trash"),
            f"{FACES} {IDENTIFY} {EXTRACT}", reads=("people",), prepare=crowd_faces, extras=("people_people",)),
    Command("faceset clean --move", ("faceset", "clean", "/people", "--move", "--json"),
            ("people", "people_trash"), f"{FACES} {IDENTIFY} {EXTRACT}", reads=("people",), prepare=crowd_faces,
            extras=("people_people", "people_clean")),
    Command("faceset info --plot", ("faceset", "info", "/faces", "--plot", "/out.png", "--overwrite"),
            ("out.png",), FACES, reads=("faces",), prepare=older_chart),
    Command("faceset coverage --plot", ("faceset", "coverage", "/faces", "/aligned", "--plot", "/new.png"),
            ("new.png",), FACES, reads=("faces", "aligned")),
)  # fmt: skip
