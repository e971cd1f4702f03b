"""Measuring where a model puts its faces, whenever it is saved; previews and merging take the displacement off."""

from collections.abc import Callable, Mapping

from dfl_cli.registration.measuring import FIRST, measure
from dfl_cli.registration.record import Registration
from dfl_cli.translate import tr


class Registering:
    """The newest registration of a model in training; its `corrections` are those of the model.

    Args:
        faces: the face sets by name.
        options: those in force.
        record: of the save that the session starts from.
        notice: (text) prints a line.
    """

    def __init__(
        self, model, faces: Mapping, options: Mapping, record: Registration | None, notice: Callable[[str], None]
    ):
        self.model, self.faces, self.options, self.notice = model, faces, options, notice
        self._failed = False
        self._use(record)

    def refresh(self, iteration: int) -> None:
        """Measure, unless the model has not changed since; without enough memory the record stays as it is.

        After an error it is not tried again: nothing may stand in the way of a save.
        """
        if self._failed or iteration < FIRST or (self.record and self.record.iteration == iteration):
            return
        self._failed = True
        try:
            found = measure(self.model, self.faces, self.options, iteration=iteration)
        except MemoryError:
            self.notice(tr("Not enough memory to measure where the model puts faces."))
            return
        self._failed = False
        self._use(found)

    def _use(self, record: Registration | None) -> None:
        self.record = record
        if record:
            self.model.corrections = record.corrections
