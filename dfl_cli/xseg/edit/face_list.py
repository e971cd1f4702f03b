"""The faces of a folder in their orders, filtered, and the way from one to the next. Faces are numbers that never change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FILTERS = ("all", "labeled", "unlabeled", "masked")


class FaceList:
    """Which faces there are, and which of them have labels or an applied mask.

    names     by number
    labeled  (N,) bool: has polygons
    masked    (N,) bool: `dfl xseg apply` has stored a mask
    gone      (N,) bool: in the trash, or removed by somebody
    """

    def __init__(self, names: Sequence[str], labeled: Sequence[bool], masked: Sequence[bool]):
        self.names = list(names)
        self.numbers = {name: number for number, name in enumerate(names)}
        self.labeled, self.masked = np.array(labeled, bool), np.array(masked, bool)
        self.gone = np.zeros(len(names), bool)
        self._orders: dict[str, np.ndarray] = {}  # order -> (N,) numbers

    @property
    def orders(self) -> list[str]:
        return list(self._orders)

    def set_order(self, order: str, names: Sequence[str]) -> None:
        self._orders[order] = np.array([self.numbers[name] for name in names], int)

    def add(self, name: str, *, labeled: bool, masked: bool) -> int:
        """A face that was not here when the folder was opened; its number. It is the last one of every order."""
        self.numbers[name] = number = len(self.names)
        self.names.append(name)
        self.labeled, self.masked = np.append(self.labeled, labeled), np.append(self.masked, masked)
        self.gone = np.append(self.gone, False)
        self._orders = {order: np.append(numbers, number) for order, numbers in self._orders.items()}
        return number

    def shown(self, which: str, order: str) -> np.ndarray:
        """(M,) numbers of the faces that pass the filter `which`, in that order."""
        numbers = self._orders[order]
        return numbers[self._passes(which)[numbers]]

    def _passes(self, which: str) -> np.ndarray:
        match which:
            case "labeled":
                return self.labeled & ~self.gone
            case "unlabeled":
                return ~(self.labeled | self.gone)
            case "masked":
                return self.masked & ~self.gone
        return ~self.gone

    def step(self, number: int, by: int, *, which: str, order: str) -> int | None:
        """The face `by` steps behind (or before, below 0) the face `number`, which itself may not pass the filter; None at the end."""
        numbers = self._orders[order]
        places = np.flatnonzero(self._passes(which)[numbers])  # in the order, of those that pass
        here = int(np.flatnonzero(numbers == number)[0])
        behind = int(np.searchsorted(places, here, side="right"))
        before = int(np.searchsorted(places, here, side="left"))
        if by > 0:
            target = min(behind + by - 1, len(places) - 1)
            return int(numbers[places[target]]) if target >= behind else None
        target = max(before + by, 0)
        return int(numbers[places[target]]) if target < before else None

    def nearest_labeled(self, number: int, order: str) -> int | None:
        """The last labeled face before the face `number`, else the first one behind it."""
        found = self.step(number, -1, which="labeled", order=order)
        return self.step(number, 1, which="labeled", order=order) if found is None else found
