"""Which faces are selected. Faces are named by their files, so a selection outlives another order or filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Selection:
    """anchor: from which a range goes on."""

    names: frozenset[str] = frozenset()
    anchor: str | None = None

    def only(self, name: str) -> Selection:
        """A click."""
        return Selection(frozenset([name]), name)

    def toggled(self, name: str) -> Selection:
        """A click with Ctrl."""
        return Selection(self.names ^ {name}, name)

    def through(self, name: str, shown: Sequence[str], *, more: bool = False) -> Selection:
        """A click with Shift: from the anchor to `name` as they are `shown`. more: what was selected stays so."""
        if self.anchor not in shown or name not in shown:
            return self.only(name)
        first, last = sorted((shown.index(self.anchor), shown.index(name)))
        names = frozenset(shown[first : last + 1])
        return replace(self, names=names | self.names if more else names)

    def lassoed(self, caught: Iterable[str], *, more: bool = False) -> Selection:
        """What a lasso caught."""
        caught = frozenset(caught)
        return Selection(caught | self.names if more else caught, self.anchor)

    def without(self, gone: Iterable[str]) -> Selection:
        names = self.names - frozenset(gone)
        return Selection(names, self.anchor if self.anchor in names else None)
