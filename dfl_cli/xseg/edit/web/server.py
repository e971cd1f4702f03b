"""What the page of the editor is served from: the page, the faces as JSON and pictures, and what the person does.

Faces are named by numbers, so no path ever comes from an address.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse

from dfl_cli.review.web.thumbnails import Thumbnails
from dfl_cli.translate import tr
from dfl_cli.web.server import answered, mount_page, serve_app
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.face_list import FILTERS
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.edit.versions import LabelsChanged
from dfl_cli.xseg.edit.web import rows
from dfl_cli.xseg.edit.web.assists import add_assists
from dfl_cli.xseg.edit.web.checks import check, gray_png
from dfl_cli.xseg.edit.web.page import build_page
from dfl_cli.xseg.edit.web.requests import FindRequest, SaveRequest, polygons_of
from samplers.files.face import decoded_mask
from samplers.files.face_png import is_png
from samplers.files.regular_file import read_regular

MOST_ROWS = 1000  # in one answer
A_DAY = "private, max-age=86400"  # the picture of a face never changes, whatever labels come into its file


def serve(assists: Assists, *, host: str, port: int | None) -> int:
    """Serve until the person finishes (0) or a signal comes (128 + its number). Raises UserError."""
    leaving = tr("Press Ctrl-C to exit; labels are saved at every change.")
    return serve_app(lambda finish: make_app(assists, finish), name="xseg-edit", leaving=leaving, host=host, port=port)


def make_app(assists: Assists, finish: Callable[[], None]) -> FastAPI:
    """The page at `/`, and all that it asks for; the page calls `finish` to end the server."""
    app, session = FastAPI(openapi_url=None), assists.session
    add_list(app, session, finish)
    add_faces(app, session)
    add_verbs(app, session)
    add_assists(app, assists)
    mount_page(app, lambda: build_page(session, assists), title=tr("{name} - dfl xseg edit", name=session.folder.name))
    return app


def add_list(app: FastAPI, session: EditSession, finish: Callable[[], None]) -> None:
    faces = session.faces

    def known(which: str, order: str) -> tuple[str, str]:
        if which not in FILTERS or order not in faces.orders:
            raise HTTPException(404)
        return which, order

    @app.get("/state")
    def state(since: int = 0) -> dict:
        return rows.state(session, since)

    @app.get("/faces")
    def face_rows(first: int, end: int, which: str, order: str) -> dict:
        first = max(first, 0)
        return rows.face_rows(session, *known(which, order), first, min(end, first + MOST_ROWS))

    @app.get("/step/{number}")
    def step(number: int, by: int, which: str, order: str, labeled: bool = False) -> dict:
        """The face `by` steps away; with `labeled` only those with labels count, whatever the filter."""
        which, order = known(which, order)
        check(session, number)
        with session.lock:
            found = faces.step(number, by, which="labeled" if labeled else which, order=order) if by else number
            return rows.found_face(session, found, which, order)

    @app.post("/find")
    def find(wanted: FindRequest) -> dict:
        return {"numbers": [faces.numbers.get(name) for name in wanted.names]}

    @app.post("/finish")
    def end() -> dict:
        finish()
        return {}


def add_faces(app: FastAPI, session: EditSession) -> None:
    thumbnails = Thumbnails(session.folder)

    @app.get("/thumb/{number}")
    def thumb(number: int) -> Response:
        content = thumbnails.get(check(session, number))
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/jpeg", headers={"cache-control": A_DAY})

    @app.get("/face/{number}")
    def face(number: int):
        check(session, number)
        return answered(lambda: rows.face_details(session, number, session.info(number)))

    @app.get("/face/{number}/picture")
    def picture(number: int):
        check(session, number)

        def file() -> Response:
            encoded = read_regular(session.path(number))
            kind = "image/png" if is_png(encoded) else "image/jpeg"
            return Response(encoded, media_type=kind, headers={"cache-control": A_DAY})

        return answered(file)

    @app.get("/face/{number}/mask")
    def mask(number: int):
        """The mask that `dfl xseg apply` has stored in the face."""
        check(session, number)

        def stored() -> Response:
            encoded = session.info(number).xseg_mask
            if encoded is None:
                raise HTTPException(404)
            return gray_png(decoded_mask(encoded))

        return answered(stored)


def add_verbs(app: FastAPI, session: EditSession) -> None:
    @app.post("/face/{number}/labels")
    def save(number: int, wanted: SaveRequest):
        check(session, number)

        def saved():
            try:
                labels = session.save(number, polygons_of(wanted.polygons), base=wanted.base)
            except LabelsChanged as error:
                return JSONResponse({"conflict": True, **rows.labels(error.there)}, 409)
            return {"version": labels.version, "revision": session.revision}

        return answered(saved)

    @app.post("/face/{number}/trash")
    def trash(number: int):
        check(session, number)
        return answered(lambda: session.move_to_trash(number) or rows.state(session, session.revision))

    @app.post("/restore")
    def restore():
        return answered(lambda: {"number": session.restore(), **rows.state(session, session.revision)})
