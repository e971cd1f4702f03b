"""A model's options as DeepFaceLab and its forks keep them, and as ours (spec models.md 5.4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model import dfl_dialects
from dfl_cli.model.dfl_folder import printable
from dfl_cli.options.kinds import Integer, YesNo
from dfl_cli.options.option import Ask, Option
from dfl_cli.options.tables.structure import ARCHI, FACE_TYPE, MORPH_FACTOR
from dfl_cli.translate import labeled, listed, tr
from models.reuse import GAN_STRUCTURE
from samplers.geometry.face_types import FaceType

WIDEST = 2**16  # of any side or number of channels; a network that large could not be stored in one file
LONGEST_VALUE = 40  # characters of a value in a message
ANY_WEIGHTS = (
    FACE_TYPE.key,
    MORPH_FACTOR.key,
)  # fixed for a model, but the shapes of its weights do not depend on them


@dataclass
class DflOptions:
    """The options of a model in plain Python types, and what had to be done for that."""

    values: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)  # lines: key, what was stored, what is used
    dropped: list[str] = field(default_factory=list)  # lines: keys with their values, and why


def options_from_dfl(
    model_class: str, stored: Mapping[object, object], given: Mapping[str, Any] | None = None
) -> DflOptions:
    """Every option of the class.

    What the weights depend on is taken as it is, whatever the limits of the questions; other values are brought within
    them, and replaced where the option cannot have them. Missing options get their defaults, unknown ones are dropped.

    Args:
        given: values that count whatever is stored.

    Raises:
        UserError: a value that the weights depend on and that the option cannot have.
    """
    reader = OptionReader(stored, given or {})
    for option in CLASSES[model_class].table:
        reader.read(option)
    reader.found.values = CLASSES[model_class].with_fixed(reader.found.values)
    reader.found.dropped = reader.lines_about_the_rest()
    return reader.found


def options_for_dfl(model_class: str, options: Mapping) -> dict[str, Any]:
    """All options that DeepFaceLab knows, in Python's own types but where its files have others."""
    known = CLASSES[model_class]
    keys = [option.key for option in known.table if option.in_dfl and option.key in options]
    typed = {key: np.dtype(name).type(options[key]) for key, name in known.dfl_types.items() if key in keys}
    return {key: options[key] for key in keys} | typed


class OptionReader:
    """Reads one option after the other; what is left over at the end has no place here."""

    def __init__(self, stored: Mapping[object, object], given: Mapping[str, Any]):
        self.stored, self.given, self.used = stored, given, set()
        self.found = DflOptions()

    def read(self, option: Option) -> None:
        values, key = self.found.values, option.key
        raw = plain(self.stored.get(key))
        self.used.add(key)
        if key in self.given:
            values[key] = self.given[key]
        elif raw is not None and not self.is_split(option):
            values[key] = self.value_of(option, raw)
        elif older := self.older(option):
            values[key] = any(older.values())
            self.change(option, tr("{used}, from {keys}", used=option.kind.show(values[key]), keys=listed(older)))
        else:
            values[key] = self.default(option)
            if key == FACE_TYPE.key:
                self.change(option, tr("not stored: using {used}", used=values[key]))

    def value_of(self, option: Option, raw: Any) -> Any:
        raw = self.in_our_words(option, raw)
        try:
            value = option.kind.read(raw)
        except (ValueError, TypeError, OverflowError):
            if self.shapes_weights(option):
                raise unusable(option, raw) from None
            value = self.default(option)
            self.change(
                option,
                tr("{value} is not available here: using {used}", value=shown(raw), used=option.kind.show(value)),
            )
            return value
        if fixed_by_weights(option):
            check_size(option, value)
            return value
        value, said = option.kind.clamp_to_limits(value, self.found.values)
        for line in said:
            self.change(option, line)
        return value

    def in_our_words(self, option: Option, raw: Any) -> Any:
        """What forks and older versions write, as the nearest value here."""
        if option.key == FACE_TYPE.key and isinstance(raw, int) and raw in iter(FaceType):
            raw = FaceType(raw).name_in_files  # a member of DeepFaceLab's enum
        if not isinstance(raw, str):
            return raw
        if option.key == ARCHI.key:
            raw = dfl_dialects.plain_archi(raw)
        used = dfl_dialects.VALUES.get(option.key, {}).get(raw.strip().lower())
        if used is None:
            return raw
        if option.key in dfl_dialects.SAME_MEANING and raw.strip().lower() not in dfl_dialects.EXCEPT:
            self.change(option, tr("{value} is called {used} here", value=shown(raw), used=used))
            return used
        self.change(option, tr("{value} is not available here: using {used}", value=shown(raw), used=used))
        if option.key == FACE_TYPE.key:
            self.change(option, tr("if the model shows another part of the head, import it again with --face-type"))
        return used

    def is_split(self, option: Option) -> bool:
        """Whether a fork keeps several options in the place of this one, which then only its older versions wrote."""
        older = dfl_dialects.OLDER_KEYS.get(option.key, ())
        return len(older) > 1 and all(self.stored.get(key) is not None for key in older)

    def older(self, option: Option) -> dict[str, bool]:
        """The options of an older version that this one is made of, as far as they are stored."""
        found = {}
        for key in dfl_dialects.OLDER_KEYS.get(option.key, ()):
            try:
                found[key] = YesNo().read(plain(self.stored.get(key)))
            except ValueError:
                continue
            self.used.add(key)
        return found

    def default(self, option: Option) -> Any:
        known = {**self.found.values, "is_saved": True}
        return option.kind.clamp_to_limits(option.default_for(known), known)[0]

    def shapes_weights(self, option: Option) -> bool:
        """Whether weights in use depend on the option."""
        if option.key in GAN_STRUCTURE:
            return bool(self.found.values.get("gan_power"))
        return option.ask is Ask.NEW_MODEL and option.key not in ANY_WEIGHTS

    def change(self, option: Option, line: str) -> None:
        self.found.changed.append(labeled(option.key, line))

    def lines_about_the_rest(self) -> list[str]:
        """A line for each reason why options are dropped, options that nobody set left out."""
        reasons: dict[str, list[str]] = {}
        for key, value in self.stored.items():
            if key not in self.used and value is not None:
                reason = dfl_dialects.REASONS.get(key, dfl_dialects.NO_SUCH_OPTION)
                reasons.setdefault(reason, []).append(f"{shown(key)} = {shown(value)}")
        return [labeled(listed(keys), tr(reason)) for reason, keys in reasons.items()]


def fixed_by_weights(option: Option) -> bool:
    return option.ask is Ask.NEW_MODEL or option.key in GAN_STRUCTURE


def plain(value: object) -> Any:
    """A number or text in Python's own type; other values as they are."""
    if isinstance(value, np.generic | np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value


def shown(value: object) -> str:
    """A key or value of a file, safe for the terminal and short."""
    if isinstance(value, int) and abs(value) >= 10**30:
        return tr("a number of many digits")
    text = str(value)
    return printable(text[:LONGEST_VALUE]) + ("..." if len(text) > LONGEST_VALUE else "")


def names(keys: Iterable[object]) -> str:
    return listed(shown(key) for key in keys)


def check_size(option: Option, value: Any) -> None:
    if isinstance(option.kind, Integer) and not 0 < value <= WIDEST:
        raise unusable(option, value)


def unusable(option: Option, found: object) -> UserError:
    if option.key == ARCHI.key:
        fix = tr(
            "Models with df or liae, alone or with letters of u, d, t, c, can be imported, and the older dfuhd and liaeuhd."
        )
    else:
        fix = tr("The model may be too old or damaged. Try another backup of it.")
    kind = "" if isinstance(found, bool | int | float | str) else f" ({type(found).__name__})"
    return UserError(
        tr("The option {key} of the DeepFaceLab model is not supported.", key=option.key),
        saw=f"{option.key} {shown(found)}{kind}",
        fix=fix,
    )
