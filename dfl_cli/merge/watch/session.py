"""Where an interactive merge stands: the settings of every frame, which frames are written, and the frame being looked at.

Pure: no window, no network, no files (merger.md 1.5, 1.7 and 3). Keys and pages call the methods of `MergeSession`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import count
from typing import Any, NamedTuple

from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.options.kinds import Choice, Text, YesNo
from dfl_cli.options.option import Option, Unacceptable, by_key, resolve
from dfl_cli.translate import tr
from samplers.files.names import Spellings

FORMAT = 1  # of the session file


class ModelVersion(NamedTuple):
    """Which training a written frame shows."""

    name: str
    iteration: int


class SessionMismatch(Exception):
    """What was to be resumed is not the session of these frames; `reason` says why."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class FrameState:
    """One frame of the video. It is done when the settings it was written with are those it has."""

    name: str  # of its file
    fingerprint: str  # changes with the file or its faces
    settings: MergeSettings | None = None  # None until it was visited
    written: MergeSettings | None = None

    @property
    def done(self) -> bool:
        same_object = self.written is self.settings  # as good as always; spares films of 100,000 frames the comparison
        return self.settings is not None and (same_object or self.written == self.settings)


class MergeSession:
    """Every frame with its settings, and a position. `revision` counts the changes, so that a picture knows when it is old.

    Verbs return whether anything changed.
    """

    def __init__(
        self, fingerprints: Mapping[str, str], defaults: MergeSettings, table: Sequence[Option], *, model: ModelVersion
    ):
        """
        Args:
            fingerprints: name of the frame's file -> its fingerprint, in the order of the video; not empty.
            usual: what the first frame starts with.
            table: the options of merging; their limits hold here too.
        """
        settable = {field.name for field in fields(MergeSettings)}
        chosen = [option for option in table if option.key in settable and not isinstance(option.kind, Text)]
        self.options = by_key(chosen)  # the network in a file is loaded once, for all frames
        self.defaults, self.model = defaults, model
        self.frames = [FrameState(name, fingerprint) for name, fingerprint in fingerprints.items()]
        self.frames[0].settings = defaults
        self.position = 0
        self.revision, self._numbers = 0, count(1)

    def changed(self) -> None:
        """Count a change, whichever thread makes it: every call gives `revision` a value it never had."""
        self.revision = next(self._numbers)

    @property
    def current(self) -> FrameState:
        return self.frames[self.position]

    @property
    def settings(self) -> MergeSettings:
        """Those of the current frame."""
        return self.current.settings

    # Settings of the current frame

    def applies(self, key: str) -> bool:
        """Whether the option has an effect with the settings of the current frame."""
        return key in self.options and self.options[key].when(asdict(self.settings))

    def change(self, key: str, raw: Any) -> bool:
        """Give the option a value, moved within its limits; ignored where it has no effect. Raises Unacceptable."""
        if not self.applies(key):
            return False
        value = resolve(self.options[key], raw, asdict(self.settings))[0]
        return self._set_settings(self.position, replace(self.settings, **{key: value}))

    def step(self, key: str, amount: int) -> bool:
        """Raise a number by `amount`."""
        return self.applies(key) and self.change(key, getattr(self.settings, key) + amount)

    def cycle(self, key: str) -> bool:
        """Switch yes and no, or go to the next choice; after the last comes the first."""
        if not self.applies(key):
            return False
        kind, value = self.options[key].kind, getattr(self.settings, key)
        if isinstance(kind, YesNo):
            return self.change(key, not value)
        choices = kind.choices if isinstance(kind, Choice) else (value,)
        return self.change(key, choices[(choices.index(value) + 1) % len(choices)])

    # Moving; frames that were never visited take the settings of the nearest one before

    def go(self, position: int) -> bool:
        position = min(max(position, 0), len(self.frames) - 1)
        if position == self.position:
            return False
        self._set_settings(position, self.settings_of(position))
        self.position = position
        self.changed()
        return True

    def back(self) -> bool:
        return self.go(self.position - 1)

    def forward(self) -> bool:
        return self.go(self.position + 1)

    def first(self) -> bool:
        return self.go(0)

    def back_with_settings(self) -> bool:
        """One frame back, which gets the current settings."""
        return self._copy_to(range(max(self.position - 1, 0), self.position)) | self.back()

    def first_with_settings(self) -> bool:
        """To the first frame; all that are passed get the current settings."""
        return self._copy_to(range(self.position)) | self.first()

    def forward_with_settings(self) -> bool:
        """One frame forward, which gets the current settings."""
        following = range(self.position + 1, min(self.position + 2, len(self.frames)))
        return self._copy_to(following) | self.forward()

    def copy_to_following(self) -> bool:
        """All following frames get the current settings."""
        return self._copy_to(range(self.position + 1, len(self.frames)))

    def settings_of(self, index: int) -> MergeSettings:
        """The frame's own settings, else those of the nearest frame before that has some."""
        found = (self.frames[at].settings for at in range(index, -1, -1))
        return next(settings for settings in found if settings is not None)

    # Writing

    def remaining(self, start: int = 0) -> list[int]:
        """The frames from `start` on that have to be written; those that were never visited get their settings now."""
        latest = self.settings_of(start)
        for index in range(start, len(self.frames)):
            self._set_settings(index, self.frames[index].settings or latest)
            latest = self.frames[index].settings
        return [index for index in range(start, len(self.frames)) if not self.frames[index].done]

    def visited_and_unwritten(self) -> list[int]:
        """The frames that have settings but no file with them."""
        return [index for index, frame in enumerate(self.frames) if frame.settings is not None and not frame.done]

    def mark_written(self, index: int, settings: MergeSettings | None) -> None:
        """The frame's file shows these settings now; None: nothing of use."""
        self.frames[index].written = settings
        self.changed()

    @property
    def done_count(self) -> int:
        return sum(frame.done for frame in self.frames)

    def _copy_to(self, indexes: range) -> bool:
        return sum(self._set_settings(index, self.settings) for index in indexes) > 0

    def _set_settings(self, index: int, settings: MergeSettings) -> bool:
        frame = self.frames[index]
        if frame.settings == settings:
            return False
        frame.settings = settings
        self.changed()
        return True

    # Files

    def as_json(self) -> dict:
        """All that `resume` needs; equal settings are stored once."""
        distinct: dict[MergeSettings, int] = {}

        def number(settings: MergeSettings | None) -> int | None:
            return None if settings is None else distinct.setdefault(settings, len(distinct))

        frames = [
            [frame.name, frame.fingerprint, number(frame.settings), number(frame.written)]
            for frame in list(self.frames)
        ]
        return {
            "format": FORMAT,
            "model": self.model._asdict(),
            "position": self.current.name,
            "frames": frames,
            "settings": [asdict(settings) for settings in distinct],
        }

    def resume(
        self,
        saved: Any,
        *,
        is_whole: Callable[[str], bool] = lambda name: True,
        is_same: Callable[[str, str], bool] = lambda name, fingerprint: False,
    ) -> None:
        """Take settings, written frames and position from `saved`. Raises SessionMismatch; nothing is changed then.

        is_whole  whether the result of a frame, given by name, is still what was written
        is_same   whether a fingerprint of an earlier kind is that of the frame

        Frames are matched by name. One whose file or faces have changed, or whose result is not what was written (`is_whole`), is to be
        written again, and the position goes back to the first such frame. After more training all frames are to be written again.
        """
        try:
            model = ModelVersion(**saved["model"])
            settings = [self._rebuilt(values) for values in saved["settings"]]
            known = {name: SavedFrame(*rest) for name, *rest in saved["frames"]}
            spelled = Spellings(known)
            names = {frame.name: name for frame in self.frames if (name := spelled.find(frame.name))}
            found = [
                (frame, known[names[frame.name]].state(frame.name, settings))
                for frame in self.frames
                if frame.name in names
            ]
            position = Spellings(names).find(str(saved["position"])) or ""
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise SessionMismatch(tr("it is damaged")) from error
        if not found:
            raise SessionMismatch(tr("none of the frames is in it"))
        stale = []
        for frame, before in found:
            frame.settings = before.settings or frame.settings
            same = before.fingerprint == frame.fingerprint or is_same(frame.name, before.fingerprint)
            frame.written = before.written if model == self.model and same else None
            if frame.written is not None and not is_whole(frame.name):
                frame.written = None
            if before.done and not frame.done:
                stale.append(frame)
        all_done = all(before.done for _, before in found)
        self._place(position, stale, restart=all_done or model != self.model)

    def _place(self, name: str, stale: Sequence[FrameState], *, restart: bool) -> None:
        names = [frame.name for frame in self.frames]
        position = names.index(name) if name in names and not restart else 0
        self.position = min([position, *(names.index(frame.name) for frame in stale)])
        self._set_settings(self.position, self.settings_of(self.position))
        self.changed()

    def _rebuilt(self, values: Mapping[str, Any]) -> MergeSettings:
        """Settings from stored values; what is missing or no longer allowed is the usual."""
        return replace(self.defaults, **dict(self._usable(values)))

    def _usable(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for key, option in self.options.items():
            try:
                yield key, resolve(option, values[key], values)[0]
            except (KeyError, Unacceptable):  # a setting of another version
                continue


class SavedFrame(NamedTuple):
    """A line of the session file."""

    fingerprint: str
    settings: int | None  # a place in the list of settings
    written: int | None

    def state(self, name: str, settings: Sequence[MergeSettings]) -> FrameState:
        def at(place: int | None) -> MergeSettings | None:
            return None if place is None else settings[place]

        return FrameState(name, self.fingerprint, at(self.settings), at(self.written))
