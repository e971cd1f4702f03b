"""A review of 100,000 faces in Chinese as a program: `crowded_review.py FOLDER`. Only the faces that FOLDER already holds are files."""

import sys
from pathlib import Path

import numpy as np

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FrameRecord
from dfl_cli.review.face_table import COLUMNS, FaceTable, Knowledge
from dfl_cli.review.frame_editor import FrameEditor
from dfl_cli.review.measures import Measures
from dfl_cli.review.session import ReviewSession
from dfl_cli.review.sharpness import SharpnessWorker
from dfl_cli.review.web.server import serve
from dfl_cli.translate import set_language

FACES = 100_000


def crowded_session(folder: Path, index: ExtractIndex) -> ReviewSession:
    """Every face looks another way, and is larger than the one before."""
    rng, count = np.random.default_rng(0), np.arange(FACES)
    names = sorted(path.name for path in folder.glob("*.jpg"))
    names += [f"{number:06d}_0.jpg" for number in range(FACES - len(names))]
    frames = {f"{number:06d}.png": f"{number:06d}.png" for number in count}
    values = {key: rng.uniform(0, 1, FACES) for key in COLUMNS}
    values |= {"place": count.astype(float), "size": count / 100, "yaw": rng.normal(0, 30, FACES)}
    values |= {"pitch": rng.normal(0, 12, FACES)}
    table = FaceTable(names, list(frames), values)
    records = {name: FrameRecord(name, (640, 480), "1-a", np.zeros((8, 8), np.uint8), ()) for name in frames}
    places = Places(None, folder.with_name("frames"), folder)
    return ReviewSession(places, index, records, table, Knowledge({}, {}, None), Measures(folder))


def main() -> int:
    set_language("zh")
    folder = Path(sys.argv[1])
    with ExtractIndex(folder) as index:
        session = crowded_session(folder, index)
        with SharpnessWorker(session) as worker:
            return serve(FrameEditor(session), worker, host="127.0.0.1", port=None)


if __name__ == "__main__":
    sys.exit(main())
