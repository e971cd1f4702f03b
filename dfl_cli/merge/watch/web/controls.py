"""One row of the page for each setting, made from its option: a slider, a list or a switch."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from dfl_cli.merge.watch.keys import keys_of, short_name
from dfl_cli.options.kinds import Choice, Integer, Number, YesNo
from dfl_cli.options.option import Option
from dfl_cli.translate import tr

STEPS_OF_A_NUMBER = 100  # on the slider of a number that is not whole


class Control:
    """The row of one option. `show` puts a value into it without telling anybody; `choose` hears of what the person does."""

    def __init__(self, option: Option, choose: Callable[[str, Any], None]):
        self.option, self.choose = option, choose
        self.number = None
        self.showing = False
        with ui.element("div").classes("setting").mark(option.key) as self.row:
            with ui.label(short_name(option)).classes("setting-name"):
                self.tooltip()
            self.input = self.widget()
        for widget in filter(None, (self.input, self.number)):
            widget.props["aria-label"] = short_name(option)

    def tooltip(self) -> None:
        keys = keys_of(self.option.key)
        with ui.tooltip().classes("setting-help").props("anchor='center left' self='center right' max-width=320px"):
            ui.label(tr(self.option.help))
            ui.label(self.option.kind.accepted() + (tr("; keys {keys}", keys=keys) if keys else "")).classes("faint")

    def widget(self):
        kind = self.option.kind
        if isinstance(kind, YesNo):
            return ui.switch(on_change=self.changed).props("dense")
        if isinstance(kind, Choice):
            return ui.select(list(kind.choices), on_change=self.changed).props("dense options-dense outlined")
        if isinstance(kind, Integer | Number):
            return self.slider(kind)
        raise TypeError(f"{self.option.key}: no widget for {type(kind).__name__}")

    def slider(self, kind: Integer | Number):
        step = 1 if isinstance(kind, Integer) else (kind.high - kind.low) / STEPS_OF_A_NUMBER
        slider = ui.slider(min=kind.low, max=kind.high, step=step, on_change=self.changed).props("dense")
        self.number = ui.number(min=kind.low, max=kind.high, step=step, on_change=self.changed)
        self.number.props("dense borderless debounce=300").classes("setting-value")
        return slider

    def changed(self, event) -> None:
        if not self.showing and event.value is not None:
            self.choose(self.option.key, event.value)

    def show(self, value: Any, *, applies: bool) -> None:
        self.showing = True
        try:
            self.input.value = value
            if self.number:
                self.number.value = value
        finally:
            self.showing = False
        self.row.set_visibility(applies)
