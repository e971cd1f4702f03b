"""The page: the picture, its settings, the frames, and the job that writes them.

Each browser tab has a `Page` of its own; all share one `InteractiveMerge`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ui

from dfl_cli.merge.watch.interactive_merge import InteractiveMerge
from dfl_cli.merge.watch.keys import (
    ENLARGE,
    SHOW_MASK,
    SHRINK,
    WRITE_REMAINING,
    moves_help,
    press,
    settings_help,
    views_help,
)
from dfl_cli.merge.watch.session import MergeSession
from dfl_cli.merge.watch.views import VIEWS, zoomed
from dfl_cli.merge.watch.web.controls import Control
from dfl_cli.merge.watch.writer_text import job_text, outcome_text
from dfl_cli.options.option import Unacceptable
from dfl_cli.translate import tr
from dfl_cli.web.look import add_look
from samplers.files.names import printable

STYLESHEET = Path(__file__).with_name("page.css")
POLL_SECONDS = 0.15  # how soon a tab shows what another one did


class Page:
    """What one tab shows. The session may change elsewhere at any time; `refresh` follows it."""

    def __init__(self, interactive: InteractiveMerge, finish: Callable[[], None]):
        self.interactive, self.session, self.finish = interactive, interactive.session, finish
        self.view = "merged"
        self.zoom = 1.0
        self.shown = None  # what `refresh` depended on
        self.job_seen = interactive.writer.started
        self.following = False

    def build(self) -> None:
        add_look(STYLESHEET)
        ui.keyboard(on_key=self.on_key, ignore=["input", "textarea"])
        with ui.element("div").classes("desk"):
            self.build_head()
            with ui.element("div").classes("stage"):
                self.picture = ui.interactive_image(sanitize=False).classes("frame").mark("frame")
                self.picture.props["data-alt"] = tr("The current frame")
            self.remarks = ui.label().classes("remarks").mark("remarks")
            self.build_settings()
            self.build_film()
        self.build_help()
        ui.timer(POLL_SECONDS, self.follow)
        self.refresh()

    def build_head(self) -> None:
        model = self.session.model
        with ui.element("div").classes("head"):
            ui.label(printable(model.name)).classes("title")
            ui.label(tr("iteration {iteration}", iteration=model.iteration)).classes("faint")
            ui.space()
            labels = {
                # Translators: a button; it shows the frame with the swapped face.
                "merged": tr("merged"),
                # Translators: a button; it shows the frame as it was.
                "original": tr("original"),
                "mask": tr("mask"),
                "side": tr("side by side"),
            }
            self.views = ui.toggle({view: labels[view] for view in VIEWS}, value=self.view, on_change=self.on_view)
            self.views.props("dense no-caps unelevated toggle-color=primary").mark("views")
            ui.space()
            self.job = ui.label().classes("faint job").mark("job")
            self.write_button = ui.button(on_click=self.on_write).props("dense no-caps unelevated").mark("write")
            help_button = ui.button(icon="keyboard", color=None, on_click=lambda: self.help.open()).props(
                "flat dense round"
            )
            leave_button = (
                ui.button(icon="logout", color=None, on_click=self.on_leave).props("flat dense round").mark("leave")
            )
        for button, text in ((help_button, tr("Keys")), (leave_button, tr("Save the session and exit dfl merge"))):
            button.props["aria-label"] = text
            with button:
                ui.tooltip(text)

    def build_settings(self) -> None:
        with ui.element("div").classes("settings"):
            self.controls = [Control(option, self.on_setting) for option in self.session.options.values()]
            with ui.element("div").classes("copies"):
                for text, verb in (
                    (tr("Copy to all following"), self.copy_to_following),
                    (tr("Copy to next"), lambda: self.does(self.session.forward_with_settings)),
                ):
                    ui.button(text, color=None, on_click=verb).props("outline dense no-caps")

    def build_film(self) -> None:
        last = len(self.session.frames)
        moves = {
            "first_page": (tr("First frame"), self.session.first),
            "chevron_left": (tr("Previous frame"), self.session.back),
            "chevron_right": (tr("Next frame"), self.session.forward),
            "last_page": (tr("Last frame"), lambda: self.session.go(last - 1)),
        }
        with ui.element("div").classes("film"):
            for icon, (text, verb) in moves.items():
                button = ui.button(icon=icon, color=None, on_click=lambda verb=verb: self.does(verb))
                button.props("flat dense round").mark(icon).props["aria-label"] = text
            self.scrub = ui.slider(min=1, max=max(last, 2), on_change=self.on_scrub).props("dense").mark("scrub")
            self.scrub.props["aria-label"] = tr("Frame")
            self.place = ui.label().classes("place").mark("place")
            self.state = ui.label().classes("state").mark("state")
        self.progress = ui.linear_progress(show_value=False, size="3px").classes("progress")
        self.progress.props["aria-label"] = tr("Rendered frames")

    def build_help(self) -> None:
        with ui.dialog() as self.help, ui.card().classes("help"):
            ui.label(tr("Keys")).classes("title")
            with ui.element("div").classes("help-columns"):
                for line in [*settings_help(self.session), *moves_help(), *views_help()]:
                    ui.label(line.keys).classes("key")
                    ui.label(line.text)

    # What the person does

    def does(self, verb: Callable[[], bool]) -> None:
        verb()
        self.refresh()

    def copy_to_following(self) -> None:
        self.does(self.session.copy_to_following)
        ui.notify(tr("Settings copied to all following frames."))

    def on_setting(self, key: str, value: Any) -> None:
        try:
            self.session.change(key, value)
        except Unacceptable as error:
            ui.notify(str(error), type="warning")
        self.refresh()

    def on_scrub(self, event) -> None:
        if not self.following:
            self.does(lambda: self.session.go(round(event.value) - 1))

    def on_view(self, event) -> None:
        self.view = event.value
        self.refresh()

    def on_key(self, event) -> None:
        key = event.key.name
        if not event.action.keydown or event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta:
            return
        if key == SHOW_MASK:
            self.views.value = "merged" if self.view == "mask" else "mask"
        elif key in (SHRINK, ENLARGE):
            self.zoom = zoomed(self.zoom, larger=key == ENLARGE)
            self.picture.style(f"--zoom: {self.zoom}")
        elif key == WRITE_REMAINING:
            self.interactive.writer.start(self.session.remaining(self.session.position))
        else:
            press(self.session, key)
        self.refresh()

    def on_write(self) -> None:
        writer = self.interactive.writer
        if writer.running:
            writer.stop()
        elif not writer.start(self.session.remaining()):
            ui.notify(tr("All frames are written."), type="positive")
        self.refresh()

    def on_leave(self) -> None:
        ui.notify(tr("The session is saved. You can close this page."), type="positive")
        ui.timer(0.3, self.finish, once=True)

    # What the page shows

    def follow(self) -> None:
        """Show what other tabs and the writer have changed."""
        if self.shown != (self.session.revision, self.view, self.interactive.writer.running):
            self.refresh()

    def refresh(self) -> None:
        session = self.session
        self.shown = session.revision, self.view, self.interactive.writer.running
        for control in self.controls:
            key = control.option.key
            control.show(getattr(session.settings, key), applies=session.applies(key))
        self.following = True
        self.scrub.value = session.position + 1
        self.following = False
        self.place.text = f"{session.position + 1} / {len(session.frames)}"
        self.show_state(session)
        self.show_job()
        version = hash((session.current.name, session.settings)) & 0xFFFFFFFF
        self.picture.source = f"/picture/{session.position}/{self.view}?{version:x}"

    def show_state(self, session: MergeSession) -> None:
        self.state.text = self.interactive.state_text()
        self.state.classes(add="done", remove="") if session.current.done else self.state.classes(remove="done")
        remarks = self.interactive.remarks()
        self.remarks.text = "\n".join(remarks)
        self.remarks.set_visibility(bool(remarks))

    def show_job(self) -> None:
        writer = self.interactive.writer
        self.write_button.text = tr("Stop") if writer.running else tr("Render all")
        self.write_button.props(f"color={'negative' if writer.running else 'primary'}")
        self.progress.value = writer.done / writer.total if writer.running and writer.total else 0
        self.job.text = job_text(writer, done=self.session.done_count, frames=len(self.session.frames))
        if not writer.running and writer.started > self.job_seen:
            self.job_seen = writer.started
            text, good = outcome_text(writer)
            ui.notify(text, type="positive" if good else "negative", multi_line=True, close_button=not good)
