"""An extraction of four frames to review: faces in the first and third, none in the second, two people in the fourth."""

import shutil
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.places import Places
from dfl_cli.main import main
from dfl_cli.review.frame_editor import EditedFace, FrameEditor
from dfl_cli.review.opening import open_session
from drawn_people import empty_frame, frame_with_face


def extract_into(folder) -> int:
    """`dfl extract` of `folder`/frames into `folder`/faces."""
    flags = ["--input", folder / "frames", "--output", folder / "faces", "--image-size", "256", "--silent-start"]
    return main(["extract", *map(str, flags)])


@pytest.fixture(scope="session")
def extracted_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extracted")
    (folder / "frames").mkdir()
    both = np.concatenate([frame_with_face(0)[0], frame_with_face(0, "B")[0]], axis=1)
    for number, picture in enumerate([frame_with_face(0)[0], empty_frame(), frame_with_face(2)[0], both], start=1):
        cv2.imwrite(str(folder / "frames" / f"{number:05d}.png"), picture)
    assert extract_into(folder) == 0
    return folder


@pytest.fixture
def extracted(extracted_once, tmp_path):
    """A folder of its own with `frames` and `faces`."""
    return shutil.copytree(extracted_once, tmp_path / "film")


@pytest.fixture
def review(extracted):
    """The review of `extracted`: `.session`, `.editor`, `.faces` (the folder), `.edited(frame)`, `.save(frame, faces)`, `.again()`."""
    places = Places(None, extracted / "frames", extracted / "faces")
    with ExtractIndex(places.aligned) as index:
        session = open_session(places, index)

        def edited(name: str) -> list[EditedFace]:
            """The faces of a frame, as a page sends them where nothing was changed."""
            faces = session.frames[name].faces
            return [
                EditedFace(number, None, False, face.box, np.float64(face.landmarks))
                for number, face in enumerate(faces)
            ]

        editor = FrameEditor(session)

        def save(name: str, faces: list[EditedFace] | None) -> None:
            editor.save(name, faces, version=session.repaired_here[name])

        yield SimpleNamespace(
            session=session,
            editor=editor,
            save=save,
            faces=places.aligned,
            frames=places.frames,
            edited=edited,
            again=lambda: extract_into(extracted),
        )
