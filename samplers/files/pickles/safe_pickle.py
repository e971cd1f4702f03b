"""Pickles of strangers, read without running anything in them, and pickles the reference can read.

`loads` is an interpreter of its own: it knows the opcodes of every protocol that build numbers, text, lists, dicts and
arrays, and a short list of names (`pickle_values.ALLOWED`, `pickle_types.HARMLESS`). It calls nothing else, follows no
reference into Python, and what it builds is limited by the length of what it reads. Sets come as lists, dates and paths
as text, the byte strings of Python 2 as text.

UnsafePickle is for what would run code; whatever else does not fit is Damaged.
"""

from __future__ import annotations

import codecs
import io
import pickle
import struct
import sys
from itertools import chain
from pickletools import code2op

import numpy as np

from samplers.files.pickles.pickle_types import HARMLESS
from samplers.files.pickles.pickle_values import (
    ALLOWED,
    DTYPE_CODE,
    KEYS,
    N_,
    Damaged,
    Global,
    PendingArray,
    PendingDtype,
    ReferenceEnum,
    UnsafePickle,
    array_of_state,
    check_plain,
)
from samplers.files.point_runs import point_run

__all__ = ["Damaged", "ReferenceEnum", "UnsafePickle", "dumps", "loads", "reference_enum"]

CONTAINER_BYTES = 80  # what an empty list, dict, tuple or mark costs at most
LONGEST_NUMBER = 255  # bytes of an integer
MOST_OTHER_KEYS = 10_000  # dict keys that are not text; a file could choose them so that each lookup takes long
NAMES = {**ALLOWED, **HARMLESS}


def loads(payload, *, max_bytes: int | None = None) -> object:
    """The value pickled in `payload` (bytes or mmap). Arrays are read-only.

    max_bytes  what lists, dicts and tuples may cost; None = 1 MB + 16 bytes for each byte of the payload
    raises     UnsafePickle for names and opcodes that would run code, Damaged for anything that does not fit together
    """
    limit = 2**20 + 16 * len(payload) if max_bytes is None else max_bytes
    value = _Reader(payload, limit).read()
    check_plain(value, 4 * len(payload) + 4096)
    return value


def dumps(value: object) -> bytes:
    """`value` pickled (protocol 4) as old NumPy loads it; UnsafePickle unless plain containers, numbers, arrays."""
    check_plain(value, 2**62)
    target = io.BytesIO()
    _Writer(target, protocol=4).dump(value)
    return target.getvalue()


def reference_enum(module: str, name: str, number: int) -> ReferenceEnum:
    """`number` as a member of one of the reference's enums; KeyError for other names."""
    return ReferenceEnum(number, ALLOWED[module, name])


class _Writer(pickle._Pickler):
    """The standard pickler, with the module names of NumPy 1."""

    def reducer_override(self, obj):
        if isinstance(obj, np.ndarray) and not DTYPE_CODE.fullmatch(obj.dtype.str[1:]):
            raise UnsafePickle(f"an array of {obj.dtype}")
        return NotImplemented

    def save_global(self, obj, name=None):
        module = obj.module if type(obj) is Global else obj.__module__.replace("numpy._core", "numpy.core")
        self.save(sys.intern(module))  # one object, so that a name met again refers to its first place
        self.save(name or obj.__name__)
        self.write(pickle.STACK_GLOBAL)
        self.memoize(obj)


class _Reader:
    """A stack machine over one pickle. Each opcode is a method in `_STEPS`."""

    def __init__(self, payload, max_bytes: int):
        self.payload, self.size, self.at = payload, len(payload), 0
        self.left = max_bytes
        self.stack: list = []
        self.below: list[list] = []  # the stacks under each open mark
        self.memo: dict[int, object] = {}
        self.other_keys = 0
        self.done = False

    def read(self) -> object:
        try:
            while not self.done:
                code = self.payload[self.at]
                self.at += 1
                step = _STEPS.get(code)
                if step is None:
                    raise self.unknown(code)
                step(self)
            return self.stack.pop()
        except (IndexError, KeyError, struct.error, UnicodeDecodeError):
            raise Damaged(N_("ends early or is garbled")) from None

    def unknown(self, code: int) -> Exception:
        known = code2op.get(chr(code))
        return UnsafePickle(f"pickle opcode {known.name}") if known else Damaged(N_("not a pickle"))

    # reading

    def take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > self.size:
            raise Damaged(N_("ends early"))
        piece = self.payload[self.at : end]
        self.at = end
        return piece

    def number(self, layout: str) -> int:
        (number,) = struct.unpack(layout, self.take(struct.calcsize(layout)))
        return number

    def line(self, longest: int = 200) -> str:
        return self.bytes_to_newline(longest).decode()

    def bytes_to_newline(self, longest: int | None = None) -> bytes:
        end = self.payload.find(b"\n", self.at, self.size if longest is None else self.at + longest)
        if end < 0:
            raise Damaged(N_("ends early"))
        found = bytes(self.take(end - self.at))
        self.at += 1
        return found

    def charge(self, cost: int) -> None:
        self.left -= cost
        if self.left < 0:
            raise Damaged(N_("needs more memory than its length justifies"))

    # containers

    def push_container(self, container) -> None:
        self.charge(CONTAINER_BYTES)
        self.stack.append(container)

    def list_or_points(self) -> None:
        """An empty list; or at once all the [x, y] lists that follow, which is what face data mostly is."""
        run = point_run(self.payload, self.at - 1)
        if run is None:
            self.push_container([])
            return
        self.charge(2 * CONTAINER_BYTES * len(run.points))
        slots = run.slots or range(len(self.memo), len(self.memo) + len(run.points))
        self.memo.update(zip(slots, run.points, strict=True))
        self.stack.extend(run.points)
        self.at = run.end

    def mark(self) -> None:
        self.charge(CONTAINER_BYTES)
        self.below.append(self.stack)
        self.stack = []

    def to_mark(self) -> list:
        items = self.stack
        self.stack = self.below.pop()
        return items

    def tuple_of(self, count: int) -> None:
        if len(self.stack) < count:
            raise Damaged(N_("garbled"))
        items = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        self.push_container(items)

    def extend_list(self, items: list) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise Damaged(N_("garbled"))
        target.extend(items)

    def fill_dict(self, items: list) -> None:
        target = self.stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise Damaged(N_("garbled"))
        keys = items[::2]
        if not {str}.issuperset(map(type, keys)):
            self.check_keys(keys)
        target.update(zip(keys, items[1::2], strict=True))

    def check_keys(self, keys: list) -> None:
        """Numbers, bytes and tuples of them may be keys, too."""
        members = chain.from_iterable(key if type(key) is tuple else (key,) for key in keys)
        if not KEYS.issuperset(map(type, members)):
            raise Damaged(N_("a dictionary key of an unknown kind"))
        self.other_keys += len(keys)
        if self.other_keys > MOST_OTHER_KEYS:
            raise Damaged(N_("needs more memory than its length justifies"))

    def dict_of(self, items: list) -> None:
        self.push_container({})
        self.fill_dict(items)

    # memo

    def put(self, index: int) -> None:
        value = self.stack[-1]
        if type(value) is PendingArray:
            value.slots.append(index)
        self.memo[index] = value

    # names, calls, states

    def push_global(self, module: object, name: object) -> None:
        if (module, name) not in NAMES:
            raise UnsafePickle(f"{module}.{name}")
        self.stack.append(NAMES[module, name])

    def stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if type(name) is not str or type(module) is not str:
            raise Damaged(N_("a name that is not text"))
        self.push_global(module, name)

    def instance(self) -> None:
        self.push_global(self.line(), self.line())
        raise UnsafePickle("pickle opcode INST")

    def reduce(self) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if type(called) is not Global or type(arguments) is not tuple:
            raise Damaged(N_("garbled"))
        self.charge_for_text(arguments)
        made = called(*arguments)
        self.charge_for(made)
        self.stack.append(made)

    def charge_for(self, made: object) -> None:
        """What was made from other values may be larger than the bytes that told to make it."""
        each = {bytes: 1, str: 4, list: CONTAINER_BYTES, tuple: CONTAINER_BYTES, dict: 2 * CONTAINER_BYTES}
        self.charge(CONTAINER_BYTES + each.get(type(made), 0) * (len(made) if type(made) in each else 0))

    def charge_for_text(self, arguments: tuple) -> None:
        """Text may be encoded to bytes that stay."""
        self.charge(sum(4 * len(each) for each in arguments if type(each) is str))

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if type(target) is PendingDtype:
            target.set_state(state)
        elif type(target) is PendingArray:
            self.charge_for_text(state if type(state) is tuple else ())
            array = array_of_state(state)
            self.charge(CONTAINER_BYTES)
            self.charge_for(array)
            self.stack[-1] = array
            for index in target.slots:
                self.memo[index] = array
        elif type(target) is Global:
            raise UnsafePickle(f"change {target.module}.{target.name}")
        else:
            raise Damaged(N_("garbled"))

    # numbers, text, bytes

    def long(self, length: int) -> None:
        if not 0 <= length <= LONGEST_NUMBER:
            raise Damaged(N_("a number of too many digits"))
        self.stack.append(int.from_bytes(self.take(length), "little", signed=True))

    def text(self, length: int) -> None:
        self.stack.append(bytes(self.take(length)).decode("utf-8", "surrogatepass"))

    def bytes_of(self, length: int) -> None:
        self.stack.append(bytes(self.take(length)))

    def old_text(self, raw: bytes) -> None:
        """A byte string of Python 2, where it was both text and bytes: as text that `as_bytes` turns back."""
        self.charge(4 * len(raw))
        self.stack.append(raw.decode("utf-8", "surrogateescape"))

    def double(self) -> None:
        self.stack.append(_DOUBLE.unpack_from(self.payload, self.at)[0])
        self.at += 8

    # protocol 0: numbers and text as lines

    def text_number(self, number_type: type) -> None:
        text = self.line(3 * LONGEST_NUMBER).removesuffix("L")
        try:
            self.stack.append({"00": False, "01": True}.get(text) if text in ("00", "01") else number_type(text))
        except ValueError:
            raise Damaged(N_("garbled")) from None

    def quoted(self) -> None:
        raw = self.bytes_to_newline()
        if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in (b"'", b'"'):
            raise Damaged(N_("garbled"))
        try:
            self.old_text(codecs.escape_decode(raw[1:-1])[0])
        except ValueError:
            raise Damaged(N_("garbled")) from None

    def unicode_line(self) -> None:
        self.stack.append(self.bytes_to_newline().decode("raw-unicode-escape"))

    def place(self) -> int:
        text = self.line(12)
        if not text.isdecimal():
            raise Damaged(N_("garbled"))
        return int(text)

    def version(self) -> None:
        if self.take(1)[0] > 5:
            raise Damaged(N_("not a pickle"))

    def stop(self) -> None:
        self.done = True


_DOUBLE = struct.Struct(">d")


def _constant(value):
    return lambda reader: reader.stack.append(value)


_STEPS = {
    pickle.PROTO: _Reader.version,
    pickle.FRAME: lambda reader: reader.take(8),
    pickle.STOP: _Reader.stop,
    pickle.MARK: _Reader.mark,
    pickle.POP: lambda reader: reader.stack.pop(),
    pickle.POP_MARK: _Reader.to_mark,
    pickle.NONE: _constant(None),
    pickle.NEWTRUE: _constant(True),
    pickle.NEWFALSE: _constant(False),
    pickle.BINFLOAT: _Reader.double,
    pickle.BININT: lambda reader: reader.stack.append(reader.number("<i")),
    pickle.BININT1: lambda reader: reader.stack.append(reader.number("B")),
    pickle.BININT2: lambda reader: reader.stack.append(reader.number("<H")),
    pickle.LONG1: lambda reader: reader.long(reader.number("B")),
    pickle.LONG4: lambda reader: reader.long(reader.number("<i")),
    pickle.SHORT_BINUNICODE: lambda reader: reader.text(reader.number("B")),
    pickle.BINUNICODE: lambda reader: reader.text(reader.number("<I")),
    pickle.BINUNICODE8: lambda reader: reader.text(reader.number("<Q")),
    pickle.SHORT_BINBYTES: lambda reader: reader.bytes_of(reader.number("B")),
    pickle.BINBYTES: lambda reader: reader.bytes_of(reader.number("<I")),
    pickle.BINBYTES8: lambda reader: reader.bytes_of(reader.number("<Q")),
    pickle.BYTEARRAY8: lambda reader: reader.bytes_of(reader.number("<Q")),
    pickle.INT: lambda reader: reader.text_number(int),
    pickle.LONG: lambda reader: reader.text_number(int),
    pickle.FLOAT: lambda reader: reader.text_number(float),
    pickle.STRING: _Reader.quoted,
    pickle.UNICODE: _Reader.unicode_line,
    pickle.BINSTRING: lambda reader: reader.old_text(bytes(reader.take(reader.number("<i")))),
    pickle.SHORT_BINSTRING: lambda reader: reader.old_text(bytes(reader.take(reader.number("B")))),
    pickle.EMPTY_LIST: _Reader.list_or_points,
    pickle.EMPTY_SET: lambda reader: reader.push_container([]),
    pickle.FROZENSET: lambda reader: reader.push_container(tuple(reader.to_mark())),
    pickle.EMPTY_DICT: lambda reader: reader.push_container({}),
    pickle.EMPTY_TUPLE: _constant(()),
    pickle.LIST: lambda reader: reader.push_container(reader.to_mark()),
    pickle.DICT: lambda reader: reader.dict_of(reader.to_mark()),
    pickle.TUPLE: lambda reader: reader.push_container(tuple(reader.to_mark())),
    pickle.TUPLE1: lambda reader: reader.tuple_of(1),
    pickle.TUPLE2: lambda reader: reader.tuple_of(2),
    pickle.TUPLE3: lambda reader: reader.tuple_of(3),
    pickle.APPEND: lambda reader: reader.extend_list([reader.stack.pop()]),
    pickle.APPENDS: lambda reader: reader.extend_list(reader.to_mark()),
    pickle.ADDITEMS: lambda reader: reader.extend_list(reader.to_mark()),
    pickle.SETITEM: lambda reader: reader.fill_dict([reader.stack.pop(-2), reader.stack.pop()]),
    pickle.SETITEMS: lambda reader: reader.fill_dict(reader.to_mark()),
    pickle.DUP: lambda reader: reader.stack.append(reader.stack[-1]),
    pickle.PUT: lambda reader: reader.put(reader.place()),
    pickle.GET: lambda reader: reader.stack.append(reader.memo[reader.place()]),
    pickle.MEMOIZE: lambda reader: reader.put(len(reader.memo)),
    pickle.BINPUT: lambda reader: reader.put(reader.number("B")),
    pickle.LONG_BINPUT: lambda reader: reader.put(reader.number("<I")),
    pickle.BINGET: lambda reader: reader.stack.append(reader.memo[reader.number("B")]),
    pickle.LONG_BINGET: lambda reader: reader.stack.append(reader.memo[reader.number("<I")]),
    pickle.GLOBAL: lambda reader: reader.push_global(reader.line(), reader.line()),
    pickle.STACK_GLOBAL: _Reader.stack_global,
    pickle.INST: _Reader.instance,
    pickle.REDUCE: _Reader.reduce,
    pickle.BUILD: _Reader.build,
}
_STEPS = {code[0]: step for code, step in _STEPS.items()}
