"""Types of Python's own library that a pickle may use as data: dates, sets, paths. They come as text, lists and dicts.

Nothing here is handed to the type it stands for before its arguments were looked at.
"""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Callable

from samplers.files.pickles.pickle_values import N_, Damaged, Global, as_bytes


def _items(arguments: tuple) -> list:
    """Of a set or a deque: its members."""
    if not arguments:
        return []
    members = arguments[0]
    if type(members) not in (list, tuple):
        raise Damaged(N_("garbled"))
    return list(members)


def _fixed_items(arguments: tuple) -> tuple:
    return tuple(_items(arguments))


def _mapping(arguments: tuple) -> dict:
    """An empty dictionary that items follow; Python 2 and counters give them at once."""
    given = arguments[-1] if arguments else None
    if type(given) is dict:
        return dict(given)
    if type(given) is not list:
        return {}
    pairs = [tuple(pair) for pair in given if type(pair) in (list, tuple) and len(pair) == 2]
    return {key: value for key, value in pairs if type(key) is str}


def _number_or_text(arguments: tuple) -> object:
    return arguments[0] if arguments and type(arguments[0]) in (int, float, bool, str) else 0


def _bytes(arguments: tuple) -> bytes:
    raw = arguments[0] if arguments else b""
    if type(raw) is str and len(arguments) == 2:
        raw = raw.encode("latin1", "replace")
    raw = as_bytes(raw)
    if type(raw) is not bytes:
        raise Damaged(N_("garbled"))
    return raw


def _complex(arguments: tuple) -> complex:
    if len(arguments) > 2 or not {int, float}.issuperset(map(type, arguments)):
        raise Damaged(N_("garbled"))
    return _made(complex, arguments)


def _decimal(arguments: tuple) -> float:
    if len(arguments) != 1 or type(arguments[0]) is not str or len(arguments[0]) > 400:
        raise Damaged(N_("garbled"))
    return _made(float, arguments)


def _moment(kind: type) -> Callable[[tuple], str]:
    """Dates and times keep their fields as bytes, which Python 2 wrote as text; a time zone is left out."""

    def text(arguments: tuple) -> str:
        raw = as_bytes(arguments[0]) if arguments else None
        if type(raw) is bytes:
            return _made(kind, (raw,)).isoformat()
        if not {int}.issuperset(map(type, arguments)):
            raise Damaged(N_("garbled"))
        return _made(kind, arguments).isoformat()

    return text


def _duration(arguments: tuple) -> float:
    """In seconds."""
    if len(arguments) > 3 or not {int}.issuperset(map(type, arguments)):
        raise Damaged(N_("garbled"))
    return _made(datetime.timedelta, arguments).total_seconds()


def _zone(arguments: tuple) -> str:
    return " ".join(map(str, arguments)) if {str, int, float}.issuperset(map(type, arguments)) else ""


def _path(kind: type) -> Callable[[tuple], str]:
    def text(arguments: tuple) -> str:
        if not {str}.issuperset(map(type, arguments)):
            raise Damaged(N_("garbled"))
        return str(_made(kind, arguments))

    return text


def _made(kind: type, arguments: tuple):
    try:
        return kind(*arguments)
    except (ValueError, TypeError, OverflowError):
        raise Damaged(N_("garbled")) from None


_MAKERS: dict[tuple[str, ...], dict[str, Callable[[tuple], object]]] = {
    ("builtins", "__builtin__"): {
        "set": _items,
        "frozenset": _fixed_items,
        "list": _items,
        "tuple": _fixed_items,
        "dict": _mapping,
        "bytes": _bytes,
        "bytearray": _bytes,
        "complex": _complex,
        **dict.fromkeys(("int", "long", "float", "bool", "str", "unicode"), _number_or_text),
    },
    ("collections",): {
        "OrderedDict": _mapping,
        "defaultdict": lambda arguments: {},
        "Counter": _mapping,
        "deque": _items,
    },
    ("datetime",): {
        "datetime": _moment(datetime.datetime),
        "date": _moment(datetime.date),
        "time": _moment(datetime.time),
        "timedelta": _duration,
        "timezone": _zone,
    },
    ("decimal",): {"Decimal": _decimal},
    ("pathlib", "pathlib._local"): {
        "PosixPath": _path(pathlib.PurePosixPath),
        "PurePosixPath": _path(pathlib.PurePosixPath),
        "WindowsPath": _path(pathlib.PureWindowsPath),
        "PureWindowsPath": _path(pathlib.PureWindowsPath),
    },
}
HARMLESS = {
    (module, name): Global(module, name, make)
    for modules, makers in _MAKERS.items()
    for module in modules
    for name, make in makers.items()
}
