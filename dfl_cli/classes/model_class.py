"""One record for everything that tells one model class from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dfl_cli.options.option import Ask, Option
from dfl_cli.options.tables.merge import MERGE
from models.model_class import NetworkClass

if TYPE_CHECKING:
    from dfl_cli.classes.preview import Preview


def no_samples(*_, **__):
    raise NotImplementedError("models of this class are not trained here")


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelClass:
    """A new class fills in a record, and gets a line in `registry.py`; nothing else is edited for it.

    A batch is a tuple of arrays, the first of them pictures (B, R, R, 3), with `first(count)` for its first faces.
    Face sets are those of src and dst by these names; while a model is pretrained both are the pretraining set. A class
    that does not swap may find only one of them.

    network         its networks, losses and files
    table           its options, in the order of the questions. The loop needs batch_size, resolution, face_type,
                    target_iter, autobackup_hour, write_preview_history and choose_preview_history, here or fixed.
    fixed           options that it has decided for everybody, and their values; stored beside the answers
    merge_options   asked first when faces are merged with such a model; `swap` of its models takes their values
    open_feed       (face sets, options in force, seed=, start=) -> a context manager and endless iterator of batches,
                    from number `start` on, with `skipped`: pictures that turned out to be unreadable
    remarks         (face sets, options) -> lines about what it learns from; raises UserError where it cannot
    add_examples    (batch, face sets, options, seed=) -> what `draw_previews` takes, with other faces than the batch has
    open_measure    (face sets, options) -> what tells how well it does on faces it is not trained on, see `train/measures/measuring.py`;
                    None where no faces are held out
    first_weights   (freshly built model, options) -> gives it weights that are better than random ones; lines about it
    draw_previews   (model, batch, options) -> pictures of what the model makes of the first faces of a batch
    dfl_user_names  whether DeepFaceLab's files of such models begin with a name their owner gave
    dfl_types       key -> NumPy's name of the type that an option has in DeepFaceLab's files, where it is none of Python's
    usual_name      of its models, where one is enough for everybody; None: the person names each
    """

    network: NetworkClass
    table: tuple[Option, ...]
    fixed: tuple[tuple[Option, Any], ...] = ()
    merge_options: tuple[Option, ...] = ()
    open_feed: Callable = no_samples
    remarks: Callable[[Mapping, Mapping], list[str]] = lambda faces, options: []
    add_examples: Callable = lambda batch, faces, options, *, seed: batch
    open_measure: Callable = lambda faces, options: None
    first_weights: Callable[[Any, Mapping], list[str]] = lambda model, options: []
    draw_previews: Callable[..., list[Preview]] = no_samples
    dfl_user_names: bool = True
    dfl_types: Mapping[str, str] = field(default_factory=dict)
    usual_name: str | None = None

    @property
    def name(self) -> str:
        return self.network.name

    @property
    def trained(self) -> bool:
        """Whether models of this class are trained here."""
        return self.open_feed is not no_samples

    @property
    def merge_table(self) -> tuple[Option, ...]:
        """The questions of merging with such a model."""
        return (*self.merge_options, *MERGE)

    @property
    def listed(self) -> tuple[Option, ...]:
        """What a summary lists: the options of the table, then the fixed ones."""
        return (*self.table, *(option for option, _ in self.fixed))

    def with_fixed(self, answers: Mapping) -> dict:
        """The options of a model: the answers, and what the class has decided."""
        return {**answers, **{option.key: value for option, value in self.fixed}}

    def structure(self, options: Mapping) -> dict:
        """The options that fix the networks of a model; they go into model.json."""
        return {option.key: options[option.key] for option in self.listed if option.ask is Ask.NEW_MODEL}

    def effective_options(self, options: Mapping) -> dict:
        """The options a step works with, see `NetworkClass.effective_options`."""
        return self.network.effective_options(options)

    def risky_changes(self, before: Mapping, now: Mapping) -> list[str]:
        """Keys of the options in force whose change from `before` to `now` can spoil a trained model."""
        before, now = self.effective_options(before), self.effective_options(now)
        return [
            option.key
            for option in self.table
            if option.risky
            and option.key in before
            and option.when(now)
            and option.risky(before[option.key], now[option.key])
        ]

    def fixed_batch(self, faces: Mapping, options: Mapping, *, seed: int):
        """The faces that every picture of the preview history shows: the same ones for the same seed and face sets."""
        with self.open_feed(faces, options, seed=seed, start=0) as feed:
            return self.add_examples(next(feed), faces, options, seed=seed)
