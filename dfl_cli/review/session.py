"""Where a review stands: the faces with their order, filter and selection, the frames, and what is in the trash.

All tabs of the page share one `ReviewSession`, and threads call it. `revision` counts the changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import wraps

import numpy as np

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.review import trash
from dfl_cli.review.face_table import (
    WORST_IS_GREATEST,
    FaceTable,
    Knowledge,
    cut_faces_of,
    face_table,
    ordered,
)
from dfl_cli.review.frame_list import ListedFrame, listed
from dfl_cli.review.frame_repair import FrameRepair, names_of
from dfl_cli.review.heat_map import SIDE, Cell, cells_of, heat_map, rows_in
from dfl_cli.review.measures import Measures
from dfl_cli.review.other_faces import other_face
from dfl_cli.review.selection import Selection

TIME = "time"  # the order in which the frames follow each other
ORDERS = (TIME, *WORST_IS_GREATEST)


def locked(method):
    """One thread at a time."""

    @wraps(method)
    def alone(self, *arguments, **named):
        with self.lock:
            return method(self, *arguments, **named)

    return alone


class ReviewSession:
    """The review of one extraction, whose folder is locked.

    frames    name -> record, with its repair, in the order of time
    table     the faces whose files are there
    shown     (M,) rows of the table: those in the chosen cells, in the chosen order
    """

    def __init__(
        self,
        places: Places,
        index: ExtractIndex,
        frames: Mapping[str, FrameRecord],
        table: FaceTable,
        known: Knowledge,
        measures: Measures,
    ):
        self.places, self.index, self.known, self.measures = places, index, known, measures
        self.frames = dict(frames)
        self.repairs = FrameRepair(places, index)
        self.lock = threading.RLock()
        self.revision = 0
        self.order, self.reverse = TIME, False
        self.chosen: frozenset[Cell] = frozenset()
        self.selection = Selection()
        self.trashed = trash.in_trash(places.aligned)
        self.batches: list[int] = []  # how many faces went to the trash together, those that are there now
        self.numbers: dict[str, int] = {}  # name of a face -> its number on the page, which never changes
        self.versions: dict[str, int] = {}  # of the files, counted when one is written again
        self.repaired_here: Counter[str] = Counter()  # how often each frame was
        self.frame_numbers = {name: number for number, name in enumerate(self.frames)}
        self.frame_names = list(self.frames)
        self._listed: list[ListedFrame] | None = None
        self._set_table(table)

    # What is shown

    def changed(self) -> None:
        self.revision += 1

    def _set_table(self, table: FaceTable) -> None:
        self.table, self.cells = table, cells_of(table)
        self.heat_map = heat_map(self.cells)  # (SIDE, SIDE) int
        self.rows = {name: row for row, name in enumerate(table.names)}
        for name in table.names:
            self.numbers.setdefault(name, len(self.numbers))
        self.names_by_number = list(self.numbers)
        self.selection = self.selection.without(self.selection.names - self.rows.keys())
        self._arrange()

    def _arrange(self) -> None:
        rows = rows_in(self.cells, self.chosen)
        if self.order == TIME:
            self.shown = rows[::-1] if self.reverse else rows
        else:
            self.shown = ordered(self.table, self.order, rows, reverse=self.reverse)
        self._shown_names = None
        self.changed()

    @property
    def shown_names(self) -> list[str]:
        if self._shown_names is None:
            self._shown_names = [self.table.names[row] for row in self.shown.tolist()]
        return self._shown_names

    @locked
    def sort(self, order: str, *, reverse: bool = False) -> None:
        """Raises ValueError for an order that does not exist."""
        if order not in ORDERS:
            raise ValueError(order)
        self.order, self.reverse = order, reverse
        self._arrange()

    @locked
    def filter(self, cells: Iterable[Cell]) -> None:
        """Show only the faces in these cells; none: all."""
        self.chosen = frozenset((row, column) for row, column in cells if 0 <= row < SIDE and 0 <= column < SIDE)
        self._arrange()

    # Selection; faces are named by where they are shown

    @locked
    def select(self, place: int, *, toggle: bool = False, through: bool = False) -> None:
        """A click, perhaps with Ctrl (toggle) or Shift (through). Raises IndexError."""
        name = self.table.names[self.shown[place]]
        if through:
            self.selection = self.selection.through(name, self.shown_names, more=toggle)
        else:
            self.selection = self.selection.toggled(name) if toggle else self.selection.only(name)
        self.changed()

    @locked
    def lasso(self, ranges: Iterable[tuple[int, int]], *, more: bool = False) -> None:
        """What a lasso caught, as ranges (first, behind the last) of where faces are shown."""
        names = self.shown_names
        caught = [name for first, end in ranges for name in names[max(first, 0) : end]]
        self.selection = self.selection.lassoed(caught, more=more)
        self.changed()

    @locked
    def select_none(self) -> None:
        self.selection = Selection()
        self.changed()

    # Trash

    @locked
    def move_to_trash(self) -> int:
        """The selected faces; how many went. Raises UserError."""
        order = [name for name in self.shown_names if name in self.selection.names]
        hidden = sorted(self.selection.names.difference(order))
        gone = trash.move_to_trash(self.places.aligned, [*order, *hidden])
        if gone:
            self.batches.append(len(gone))
        self.trashed = trash.in_trash(self.places.aligned)
        self._set_table(self.table.without(self.selection.names))
        return len(gone)

    @locked
    def restore(self, *, everything: bool) -> int:
        """Bring back all faces from the trash, or those that went there together last; how many came. Raises UserError."""
        count = len(self.trashed) if everything or not self.trashed else (self.batches or [1]).pop()
        came = trash.restore(self.places.aligned, self.trashed[-count:])
        self.batches = [] if everything else self.batches
        self.trashed = trash.in_trash(self.places.aligned)
        self._take_files(came, self.frames.values())
        self.selection = Selection(frozenset(came) & self.rows.keys())
        self.changed()
        return len(came)

    # Frames

    @property
    def listed_frames(self) -> list[ListedFrame]:
        if self._listed is None:
            self._listed = listed(list(self.frames.values()), frozenset(self.index.repairs))
            self._counts = dict(Counter(frame.state.value for frame in self._listed))
            self._counts["repaired"] = sum(frame.repaired for frame in self._listed)
        return self._listed

    @property
    def frame_counts(self) -> Mapping[str, int]:
        """How many frames are in each state, and how many are `repaired`."""
        return self._counts if self.listed_frames else {}

    @locked
    def repair(self, name: str, faces: Sequence[FaceRecord] | None, picture: np.ndarray) -> None:
        """Put the faces of a frame right, None: as they were found. Raises FlatLandmarks, UnwritableFrame, OSError."""
        files = names_of(self.index.frame(name), len(faces or self.index.frames[name].faces))
        try:
            self.repairs.save(name, faces, picture)
        finally:  # half of it may have been done
            self.frames[name] = self.index.frame(name)
            self.repaired_here[name] += 1
            self._listed = None
            self._take_files([*files, *names_of(self.frames[name], 0)], [self.frames[name]])

    def _take_files(self, names: Collection[str], frames: Iterable[FrameRecord]) -> None:
        """Put what there is now of the files `names`, which are of `frames`, into the table, in place of what was."""
        cut = {face.name: face for face in cut_faces_of(self.index, frames)}
        there = [name for name in dict.fromkeys(names) if (self.places.aligned / name).is_file()]
        faces = [face for name in there if (face := cut.get(name) or other_face(self.places.aligned / name))]
        self.versions.update({name: self.versions.get(name, 0) + 1 for name in there})
        measured = self.measures.known_sharpness([face.name for face in faces])
        poses = self.measures.poses_of([face.landmarks for face in faces])
        more = face_table(faces, self.frames, self.known, poses=poses, sharpness=measured)
        self._set_table(self.table.without(set(names)).joined(more))

    # Sharpness, which is measured while somebody looks at the page

    def unmeasured(self) -> list[str]:
        """The names of the faces whose sharpness is not known."""
        with self.lock:
            rows = np.flatnonzero(np.isnan(self.table.values["sharpness"])).tolist()
            return [self.table.names[row] for row in rows]

    @locked
    def take_sharpness(self, measured: Mapping[str, float], *, last: bool) -> None:
        """Put it into the table; the order of the faces changes only with the `last` one, so that nothing jumps meanwhile."""
        for name, value in measured.items():
            if name in self.rows:
                self.table.values["sharpness"][self.rows[name]] = value
        if last and self.order == "sharpness":
            self._arrange()
        self.changed()
