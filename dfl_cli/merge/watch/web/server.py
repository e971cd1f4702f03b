"""What the page of an interactive merge is served from: the page and its pictures."""

from collections.abc import Callable

import cv2
from fastapi import FastAPI, HTTPException, Response

from dfl_cli.merge.watch.interactive_merge import InteractiveMerge
from dfl_cli.merge.watch.views import VIEWS, fitted
from dfl_cli.merge.watch.web.page import Page
from dfl_cli.translate import tr
from dfl_cli.web.server import mount_page, serve_app

WIDEST = 2560  # pixels of a picture sent to the browser
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]


def serve(interactive: InteractiveMerge, *, host: str, port: int | None) -> int:
    """Serve until the person finishes (0) or a signal comes (128 + its number). Raises UserError."""
    leaving = tr("Press Ctrl-C to exit; the session is saved.")
    return serve_app(lambda finish: make_app(interactive, finish), name="merge", leaving=leaving, host=host, port=port)


def make_app(interactive: InteractiveMerge, finish: Callable[[], None]) -> FastAPI:
    """The page at `/`, and the pictures it shows; the page calls `finish` to end the server."""
    app = FastAPI(openapi_url=None)

    @app.get("/picture/{index}/{view}")
    def picture(index: int, view: str) -> Response:
        if not 0 <= index < len(interactive.paths) or view not in VIEWS:
            raise HTTPException(404)
        shown = fitted(VIEWS[view](interactive.rendered_at(index)), WIDEST)
        encoded = cv2.imencode(".jpg", shown, QUALITY)[1].tobytes()
        return Response(encoded, media_type="image/jpeg", headers={"cache-control": "no-store"})

    title = tr("{name} - dfl merge", name=interactive.session.model.name)
    mount_page(app, lambda: Page(interactive, finish).build(), title=title)
    return app
