"""The web server of a page: a socket of this machine, the guard in front of the page, and its end by a button or a signal."""

import secrets
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from nicegui import app as nicegui_app
from nicegui import ui

from dfl_cli.errors import UserError, explained
from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.translate import LANGUAGES, language, tr
from dfl_cli.web.access import AccessGuard
from dfl_cli.web.look import ICON

PORT = 8088
PORTS_TRIED = 20  # from PORT on, where none was asked for


def serve_app(
    make_app: Callable[[Callable[[], None]], FastAPI], *, name: str, leaving: str, host: str, port: int | None
) -> int:
    """Serve until the person finishes (0) or a signal comes (128 + its number).

    make_app  gets a function that ends the server
    name      of the page in its cookie
    leaving   what the terminal says about Ctrl-C

    Raises UserError.
    """
    listening, interrupt, token = listen(host, port), Interrupt(), secrets.token_urlsafe(24)
    number = listening.getsockname()[1]

    def finish() -> None:
        server.should_exit = True

    async def look_for_signals() -> None:
        if interrupt.signal:
            finish()

    app = make_app(finish)
    guard = AccessGuard(app, token=token, cookie=f"dfl-{name}-{number}", hosts=[host, socket.gethostname()])
    configuration = uvicorn.Config(
        guard, log_level="error", lifespan="on", timeout_graceful_shutdown=2,
        callback_notify=look_for_signals, timeout_notify=1,  # uvicorn itself does not know SIGHUP, the lost ssh connection
    )  # fmt: skip
    server = uvicorn.Server(configuration)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    address = f"http://{bracketed(shown)}:{number}/?token={token}"
    say(tr("Open in a browser: {address}", address=address))
    notice(leaving)
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


def mount_page(app: FastAPI, build: Callable[[], None], *, title: str) -> None:
    """Put the page that `build` makes at `/` of `app`."""
    nicegui_app.config.quasar_config["loadingBar"]["skipHijack"] = True  # a progress bar that nobody gave a name
    ui.run_with(
        app,
        root=build,
        title=title,
        favicon=ICON,
        dark=None,  # as the person's system has it
        language=LANGUAGES[language()],
        tailwind=False,
        show_welcome_message=False,
    )


def answered(do: Callable):
    """What `do` returns; what goes wrong as a text that the page shows."""
    try:
        return do()
    except HTTPException:
        raise
    except Exception as error:
        return JSONResponse({"error": str(explained(error))}, 409)
