"""What a pickle of the reference may name: number arrays, numbers, bytes and three enums (facesets.md 1.4)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

DTYPE_CODE = re.compile(r"b1|[iu][1248]|f[248]|c(8|16)")
TIME_CODE = re.compile(r"[Mm]8")  # comes as whole numbers of its unit
TEXT_CODE = re.compile(r"[US][0-9]{1,9}")
OBJECT_CODE = re.compile(r"O[48]?")
UNICODE_END = 0x110000
ORDERS = {"<", ">", "=", "|"}
N_ = str  # marks a text for the catalogs: dfl_cli translates the reason of Damaged


class UnsafePickle(Exception):
    """A pickle asks for something a face or a model never needs; nothing of it was done."""

    def __init__(self, wanted: str):
        self.wanted = "".join(letter if letter.isprintable() else "?" for letter in wanted[:100])
        super().__init__(f"refused: {self.wanted}")


class Damaged(Exception):
    """Bytes that are cut off or contradict themselves."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Global:
    """A name from the short list; `make` takes the tuple of arguments the pickle gives it."""

    module: str
    name: str
    make: Callable[[tuple], object]

    def __call__(self, *arguments):
        return self.make(arguments)

    def __reduce__(self) -> str:
        return self.name


class ReferenceEnum(int):
    """A number that files keep as a member of one of the reference's enums; everywhere else it is that number."""

    origin: Global

    def __new__(cls, number: int, origin: Global):
        member = super().__new__(cls, number)
        member.origin = origin
        return member

    def __reduce__(self):
        return self.origin, (int(self),)


@dataclass
class PendingDtype:
    """A dtype whose byte order the pickle may still set."""

    code: str
    order: str = "="
    fields: bool = False  # records, which come as their description

    def set_state(self, state: object) -> None:
        if type(state) is not tuple or len(state) < 5 or type(state[1]) is not str or state[1] not in ORDERS:
            raise Damaged(N_("dtype without byte order"))
        self.fields = any(part is not None for part in state[2:5])
        self.order = state[1]

    @property
    def dtype(self) -> np.dtype | None:
        """None for kinds that nothing here has a use for."""
        if self.fields or not (DTYPE_CODE.fullmatch(self.code) or TEXT_CODE.fullmatch(self.code)):
            return np.dtype(f"{self.order}i8") if TIME_CODE.fullmatch(self.code) and not self.fields else None
        return np.dtype(self.order + self.code)

    def __reduce__(self):
        order = "|" if self.order == "=" else self.order
        return ALLOWED["numpy", "dtype"], (self.code, False, True), (3, order, None, None, None, -1, -1, 0)


@dataclass
class PendingArray:
    """An array announced by `_reconstruct`; its contents come with BUILD. `slots` are the memo places it is kept in."""

    slots: list[int] = field(default_factory=list)


def as_bytes(raw: object) -> object:
    """The bytes of a byte string of Python 2, which was read as text; other values as they are."""
    if type(raw) is not str:
        return raw
    try:
        return raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise Damaged(N_("array without contents")) from None


def array_of(shape: object, dtype: object, raw: object, *, fortran_order: bool = False) -> object:
    """A read-only view of `raw`, whose length must be exactly what shape and dtype say.

    Arrays of text and of objects come as flat lists, arrays of kinds unknown here as their description.
    """
    if type(dtype) is not PendingDtype or type(shape) is not tuple:
        raise Damaged(N_("array without contents"))
    raw = as_bytes(raw)
    if type(raw) is list and OBJECT_CODE.fullmatch(dtype.code):
        return raw
    kind = dtype.dtype
    if kind is None:
        return f"numpy {dtype.code}"
    if type(raw) is not bytes:
        raise Damaged(N_("array without contents"))
    if len(shape) > 8 or any(type(side) is not int or not 0 <= side <= max(len(raw), 1) for side in shape):
        raise Damaged(N_("array shape does not fit its contents"))
    if not kind.itemsize or math.prod(shape) * kind.itemsize != len(raw):
        raise Damaged(N_("array shape does not fit its contents"))
    array = np.frombuffer(raw, kind)
    if kind.kind not in "US":
        return array.reshape(shape, order="F" if fortran_order else "C")
    if kind.kind == "U" and len(raw) and np.frombuffer(raw, kind.str[0] + "u4").max() >= UNICODE_END:
        raise Damaged(N_("garbled"))
    return array.tolist() if shape else array.tolist()[0]


def array_of_state(state: object) -> object:
    """The array for what `numpy.ndarray.__setstate__` gets: version, shape, dtype, whether Fortran order, bytes."""
    if type(state) is not tuple or len(state) != 5:
        raise Damaged(N_("array without contents"))
    _, shape, dtype, fortran_order, raw = state
    return array_of(shape, dtype, raw, fortran_order=fortran_order is True)


def _announce_array(arguments: tuple) -> PendingArray:
    if not arguments or arguments[0] is not ALLOWED["numpy", "ndarray"]:
        raise UnsafePickle("numpy._reconstruct of something else than an array")
    return PendingArray()


def _dtype(arguments: tuple) -> PendingDtype:
    code = arguments[0] if arguments else None
    if type(code) is not str or not re.fullmatch(r"\w{1,12}", code, re.ASCII):
        raise Damaged(N_("dtype without byte order"))
    return PendingDtype(code)


def _scalar(arguments: tuple) -> object:
    if len(arguments) != 2:
        raise Damaged(N_("number without contents"))
    made = array_of((), *arguments)
    return made[()] if isinstance(made, np.ndarray) else made


def _array_from_buffer(arguments: tuple) -> object:
    if len(arguments) != 4:
        raise Damaged(N_("array without contents"))
    raw, dtype, shape, order = arguments
    return array_of(shape, dtype, raw, fortran_order=type(order) is str and order == "F")


def _encode(arguments: tuple) -> bytes:
    text, encoding = arguments if len(arguments) == 2 else (None, None)
    if type(text) is not str or type(encoding) is not str or encoding not in ("latin1", "latin-1"):
        raise UnsafePickle(f"_codecs.encode to {encoding!r}")
    try:
        return text.encode("latin1")
    except UnicodeEncodeError:
        raise Damaged(N_("text that is not latin1")) from None


def _array_type(arguments: tuple) -> object:
    raise UnsafePickle("numpy.ndarray called directly")


def _enum(module: str, name: str) -> Global:
    def member(arguments: tuple) -> ReferenceEnum:
        if len(arguments) != 1 or type(arguments[0]) is not int:
            raise Damaged(f"{name} without a number")
        return ReferenceEnum(arguments[0], ALLOWED[module, name])

    return Global(module, name, member)


_NUMPY = [
    Global("numpy.core.multiarray", "_reconstruct", _announce_array),
    Global("numpy._core.multiarray", "_reconstruct", _announce_array),
    Global("numpy.core.multiarray", "scalar", _scalar),
    Global("numpy._core.multiarray", "scalar", _scalar),
    Global("numpy.core.numeric", "_frombuffer", _array_from_buffer),
    Global("numpy._core.numeric", "_frombuffer", _array_from_buffer),
    Global("numpy", "ndarray", _array_type),
    Global("numpy", "dtype", _dtype),
    Global("_codecs", "encode", _encode),
]
_ENUMS = [
    _enum("samplelib.Sample", "SampleType"),
    _enum("facelib.FaceType", "FaceType"),
    _enum("core.imagelib.SegIEPolys", "SegIEPolyType"),
]
ALLOWED = {(each.module, each.name): each for each in _NUMPY + _ENUMS}

NUMBERS = {np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64}
NUMBERS |= {np.float16, np.float32, np.float64, np.complex64, np.complex128}
KEYS = {str, bytes, int, float, bool, type(None), ReferenceEnum} | NUMBERS  # of dicts
SCALARS = KEYS | {complex, np.ndarray, PendingDtype}
MAX_DEPTH = 32


def check_plain(value: object, most: int) -> None:
    """Raise unless `value` is a tree of lists, tuples, dicts and `SCALARS` with at most `most` members in all.

    Members met on two ways count twice, so a value that contains itself is found, and one that would grow
    without limit when walked.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [each for each in level if type(each) not in SCALARS]
        if not level:
            return
        _check_containers(level)
        most -= sum(map(len, level))
        if most < 0:
            raise Damaged(N_("contains itself"))
        level = list(chain.from_iterable(each.values() if type(each) is dict else each for each in level))
    raise Damaged(N_("nested too deep"))


def _check_containers(values: list) -> None:
    strangers = set(map(type, values)) - {list, tuple, dict}
    for each in values if strangers else ():
        if type(each) in strangers:
            raise UnsafePickle(f"{each.module}.{each.name}" if type(each) is Global else type(each).__name__)
