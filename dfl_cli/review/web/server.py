"""What the page of a review is served from: the page, rows of faces and frames as JSON, pictures, and what the person does.

Faces and frames are named by numbers, so no path ever comes from an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import cv2
from fastapi import Body, FastAPI, HTTPException, Response

from dfl_cli.review.frame_editor import FrameEditor
from dfl_cli.review.sharpness import SharpnessWorker
from dfl_cli.review.web import rows
from dfl_cli.review.web.page import build_page
from dfl_cli.review.web.requests import BoxRequest, CropRequest, RepairRequest, SelectRequest
from dfl_cli.review.web.thumbnails import Thumbnails
from dfl_cli.translate import tr
from dfl_cli.web.server import answered, mount_page, serve_app

WIDEST = 4096  # pixels of a frame sent to the browser
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]
MOST_ROWS = 1000  # in one answer


def serve(editor: FrameEditor, worker: SharpnessWorker, *, host: str, port: int | None) -> int:
    """Serve until the person finishes (0) or a signal comes (128 + its number). Raises UserError."""
    leaving = tr("Press Ctrl-C to exit; repairs and the trash are already on the disk.")
    return serve_app(
        lambda finish: make_app(editor, worker, finish), name="review", leaving=leaving, host=host, port=port
    )


def make_app(editor: FrameEditor, worker: SharpnessWorker, finish: Callable[[], None]) -> FastAPI:
    """The page at `/`, and all that it asks for; the page calls `finish` to end the server."""
    app = FastAPI(openapi_url=None)
    add_faces(app, editor, worker)
    add_verbs(app, editor, finish)
    add_frames(app, editor)
    name = editor.session.places.aligned.name
    mount_page(app, build_page, title=tr("{name} - dfl extract review", name=name))
    return app


def jpeg(picture, *, cache: str) -> Response:
    encoded = cv2.imencode(".jpg", picture, QUALITY)[1].tobytes()
    return Response(encoded, media_type="image/jpeg", headers={"cache-control": cache})


def add_faces(app: FastAPI, editor: FrameEditor, worker: SharpnessWorker) -> None:
    session, thumbnails = editor.session, Thumbnails(editor.session.places.aligned)

    @app.get("/state")
    def state() -> dict:
        return rows.state(session, worker)

    @app.get("/faces")
    def faces(first: int, end: int) -> dict:
        return rows.face_rows(session, max(first, 0), min(end, first + MOST_ROWS))

    @app.get("/frames")
    def frames(first: int, end: int) -> dict:
        return rows.frame_rows(session, max(first, 0), min(end, first + MOST_ROWS))

    @app.get("/thumb/{number}")
    def thumb(number: int) -> Response:
        content = thumbnails.get(at(session.names_by_number, number))
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})


def add_verbs(app: FastAPI, editor: FrameEditor, finish: Callable[[], None]) -> None:
    session = editor.session

    def done(count: int | None = None) -> dict:
        return {"revision": session.revision, "count": count}

    @app.post("/sort")
    def sort(order: Annotated[str, Body()], reverse: Annotated[bool, Body()] = False):
        return answered(lambda: done(session.sort(order, reverse=reverse)))

    @app.post("/filter")
    def filter_faces(cells: Annotated[list[tuple[int, int]], Body(embed=True)]):
        return answered(lambda: done(session.filter(cells)))

    @app.post("/select")
    def select(wanted: SelectRequest):
        return answered(lambda: done(wanted.apply(session)))

    @app.post("/trash")
    def trash():
        return answered(lambda: done(session.move_to_trash()))

    @app.post("/restore")
    def restore(everything: Annotated[bool, Body(embed=True)]):
        return answered(lambda: done(session.restore(everything=everything)))

    @app.post("/finish")
    def end():
        finish()
        return done()


def add_frames(app: FastAPI, editor: FrameEditor) -> None:
    session = editor.session

    @app.get("/frame/{number}")
    def frame(number: int):
        name = at(session.frame_names, number)
        return answered(lambda: rows.frame_details(editor, name))

    @app.get("/frame/{number}/picture")
    def picture(number: int):
        name = at(session.frame_names, number)
        return answered(lambda: jpeg(no_wider(editor.picture(name)), cache="no-store"))

    @app.post("/frame/{number}/box")
    def box(number: int, wanted: BoxRequest):
        name = at(session.frame_names, number)
        return answered(lambda: rows.drawn_face(*editor.find(name, wanted.box)))

    @app.post("/frame/{number}/crop")
    def crop(number: int, wanted: CropRequest):
        name = at(session.frame_names, number)
        return answered(lambda: jpeg(editor.crop(name, wanted.landmarks), cache="no-store"))

    @app.post("/frame/{number}/repair")
    def repair(number: int, wanted: RepairRequest):
        name = at(session.frame_names, number)

        def save():
            editor.save(name, wanted.edited, version=wanted.version)
            return rows.frame_details(editor, name)

        return answered(save)


def at(names: list[str], number: int) -> str:
    if not 0 <= number < len(names):
        raise HTTPException(404)
    return names[number]


def no_wider(picture):
    """`picture` at most WIDEST pixels wide; the page stretches it over the pixels of the frame."""
    height, width = picture.shape[:2]
    if width <= WIDEST:
        return picture
    return cv2.resize(picture, (WIDEST, max(round(height * WIDEST / width), 1)), interpolation=cv2.INTER_AREA)
