"""Labels that the server makes for the person."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from dfl_cli.web.server import answered
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.web import rows
from dfl_cli.xseg.edit.web.checks import check, gray_png
from dfl_cli.xseg.edit.web.requests import BrushRequest, GrabCutRequest, SegmentRequest, polygons_of, strokes_of
from samplers.files.names import printable
from samplers.geometry.polygons import PolygonType


def add_assists(app: FastAPI, assists: Assists) -> None:
    add_whole_labels(app, assists)
    add_marks(app, assists)


def add_whole_labels(app: FastAPI, assists: Assists) -> None:
    """Labels of another face, and of the model."""
    session = assists.session

    @app.post("/face/{number}/copy")
    def copy(number: int):
        check(session, number)

        def copied() -> dict:
            source, polygons = assists.copy(number)
            return {"from": printable(session.faces.names[source]), "polygons": rows.polygons(polygons)}

        return answered(copied)

    @app.post("/face/{number}/prefill")
    def prefill(number: int):
        check(session, number)

        def prefilled() -> dict:
            name, polygons = assists.prefill(number)
            return {"model": name and printable(name), "polygons": rows.polygons(polygons)}

        return answered(prefilled)

    @app.get("/face/{number}/prediction")
    def prediction(number: int):
        check(session, number)
        return answered(lambda: gray_png(assists.prediction(number)))


def add_marks(app: FastAPI, assists: Assists) -> None:
    """Labels of a brush, and of rough marks."""
    session = assists.session

    @app.post("/face/{number}/brush")
    def brush(number: int, wanted: BrushRequest):
        check(session, number)
        polygons, kind = polygons_of(wanted.polygons), PolygonType(wanted.kind)
        return answered(
            lambda: made(assists.brush(number, polygons, strokes_of(wanted.strokes), kind, erases=wanted.erase))
        )

    @app.post("/face/{number}/grab_cut")
    def grab_cut(number: int, wanted: GrabCutRequest):
        check(session, number)
        polygons, kind = polygons_of(wanted.polygons), PolygonType(wanted.kind)
        strokes = strokes_of(wanted.inside), strokes_of(wanted.outside)
        return answered(lambda: made(assists.grab_cut(number, polygons, wanted.box, strokes, kind)))

    @app.post("/face/{number}/segment")
    def segment(number: int, wanted: SegmentRequest):
        there(assists.segmenter, check(session, number))
        polygons, kind = polygons_of(wanted.polygons), PolygonType(wanted.kind)
        return answered(lambda: made(assists.segment(number, polygons, wanted.points, wanted.labels, kind)))


def made(polygons) -> dict:
    return {"polygons": rows.polygons(polygons)}


def there(helper: object, _name: str) -> None:
    """The page asks only for what there is."""
    if helper is None:
        raise HTTPException(404)
