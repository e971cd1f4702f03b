"""The web server of an interactive merge: one page, its pictures, and the guard in front of them."""

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import cv2
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from nicegui import ui

from dfl_cli.errors import UserError
from dfl_cli.merge.watch.interactive_merge import InteractiveMerge
from dfl_cli.merge.watch.views import VIEWS, fitted
from dfl_cli.merge.watch.web.access import AccessGuard
from dfl_cli.merge.watch.web.page import Page
from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.translate import LANGUAGES, language, tr

PORT = 8088
PORTS_TRIED = 20  # from PORT on, where none was asked for
WIDEST = 2560  # pixels of a picture sent to the browser
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]
ICON = Path(__file__).with_name("icon.svg")


def serve(interactive: InteractiveMerge, *, host: str, port: int | None) -> int:
    """Serve until the person finishes (0) or a signal comes (128 + its number). Raises UserError."""
    listening, interrupt, token = listen(host, port), Interrupt(), secrets.token_urlsafe(24)
    number = listening.getsockname()[1]

    def finish() -> None:
        server.should_exit = True

    async def look_for_signals() -> None:
        if interrupt.signal:
            finish()

    app = make_app(interactive, finish)
    guard = AccessGuard(app, token=token, cookie=f"dfl-merge-{number}", hosts=[host, socket.gethostname()])
    configuration = uvicorn.Config(
        guard, log_level="error", lifespan="on", timeout_graceful_shutdown=2,
        callback_notify=look_for_signals, timeout_notify=1,  # uvicorn itself does not know SIGHUP, the lost ssh connection
    )  # fmt: skip
    server = uvicorn.Server(configuration)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    address = f"http://{bracketed(shown)}:{number}/?token={token}"
    say(tr("Open in a browser: {address}", address=address))
    notice(tr("Press Ctrl-C to exit; the session is saved."))
    with interrupt:
        server.run(sockets=[listening])
    return interrupt.exit_code


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket; without a wish the first free port from PORT on. Raises UserError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = range(PORT, PORT + PORTS_TRIED) if port is None else [port]
    for number in wanted:
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, number))
            listening.listen()  # whoever comes before the server is ready waits
            return listening
        except (OSError, OverflowError) as error:
            listening.close()
            reason = error
    raise UserError(
        tr("Cannot serve the page at {host}, port {port}.", host=host, port=wanted[-1]),
        saw=str(reason),
        fix=tr("Choose another --port, or leave out --port and --host."),
    )


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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

    ui.run_with(
        app,
        root=lambda: Page(interactive, finish).build(),
        title=tr("{name} - dfl merge", name=interactive.session.model.name),
        favicon=ICON,
        dark=True,
        language=LANGUAGES[language()],
        tailwind=False,
        show_welcome_message=False,
    )
    return app
