"""Pickles from strangers: what is data is read, what is anything else is refused, and nothing runs."""

import collections
import datetime
import io
import os
import pathlib
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from samplers.files.pickles import safe_pickle
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle

NUMBER_TYPES = st.sampled_from(["bool", "int8", "int32", "int64", "uint8", "uint16", "float16", "float32", "float64"])
ARRAYS = NUMBER_TYPES.flatmap(lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, max_side=5)))
NUMPY_NUMBERS = NUMBER_TYPES.flatmap(lambda name: hnp.arrays(name, ())).map(lambda array: array[()])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
VALUES = st.recursive(
    SCALARS | ARRAYS | NUMPY_NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=9), inner, max_size=5)
        | st.lists(inner, max_size=4).map(tuple)
    ),
    max_leaves=12,
)


def same(left, right) -> bool:
    """Equal, of equal types, arrays bit for bit."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, (np.ndarray, np.generic)):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return left == right


@given(VALUES, st.sampled_from([3, 4, 5]))
def test_what_python_pickles_is_read(value, protocol):
    assert same(safe_pickle.loads(pickle.dumps(value, protocol)), value)


@given(VALUES)
def test_what_is_written_is_read_here_and_by_python(value):
    written = safe_pickle.dumps(value)
    assert same(safe_pickle.loads(written), value)
    assert same(pickle.loads(written), value)  # our own bytes; that Python reads them is the claim


@pytest.mark.parametrize("points", [1, 2, 3, 68, 5000])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_long_lists_of_points_are_read(points, protocol):
    value = {"first": np.random.RandomState(0).rand(points, 2).tolist(), "then": [[1.5, 2.5], [3, 4], "text"]}
    assert same(safe_pickle.loads(pickle.dumps(value, protocol)), value)


@pytest.mark.parametrize("name", ["weights_inter.npy", "SAEHD_default_options.dat"])
def test_a_file_of_the_reference_is_written_again_byte_for_byte(fixtures, name):
    original = (fixtures / "formats" / name).read_bytes()
    assert safe_pickle.dumps(safe_pickle.loads(original)) == original


def test_every_model_file_of_the_reference_opens(shared):
    # Recorded by ourselves, so Python may open them, too: it says what our reader has to find.
    for path in (shared / "fixtures" / "saehd_tiny_df" / "model").glob("*.*"):
        if path.suffix in (".npy", ".dat"):
            assert same(safe_pickle.loads(path.read_bytes()), pickle.loads(path.read_bytes())), path


def test_arrays_name_the_modules_old_numpy_has():
    assert b"numpy.core.multiarray" in safe_pickle.dumps(np.ones(3))
    assert b"numpy._core" not in safe_pickle.dumps([np.ones(3), np.int64(1)])


def test_enums_are_numbers_and_stay_enums_in_files():
    value = safe_pickle.reference_enum("facelib.FaceType", "FaceType", 4)
    written = safe_pickle.dumps(value)
    assert safe_pickle.loads(written) == 4
    assert b"facelib.FaceType" in written
    assert safe_pickle.dumps(safe_pickle.loads(written)) == written


class Call:
    """Pickled, this is a call of `function`."""

    def __init__(self, function, *arguments):
        self.called = function, arguments

    def __reduce__(self):
        return self.called


def by_name(module: str, name: str, *, arguments: bytes = b")", end: bytes = b"R.") -> bytes:
    """A pickle that calls `module.name`."""
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + arguments + end


def test_a_command_in_a_pickle_is_refused_by_name_and_not_run(tmp_path):
    trace = tmp_path / "ran"
    hostile = pickle.dumps({"landmarks": Call(os.system, f"echo > {trace}")}, 4)
    with pytest.raises(UnsafePickle) as refusal:
        safe_pickle.loads(hostile)
    assert refusal.value.wanted in ("posix.system", "nt.system")
    assert not trace.exists()
    pickle.loads(hostile)  # made above: writes a file into tmp_path and nothing else
    assert trace.exists(), "the pickle was harmless, so the test proved nothing"


RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"
ARRAY = RECONSTRUCT + b"(cnumpy\nndarray\nK\x00\x85C\x01btR"
FLOAT = b"cnumpy\ndtype\nX\x02\x00\x00\x00f4K\x00K\x01\x87R"
HOSTILE = {
    "os.system": (by_name("os", "system"), "os.system"),
    "eval": (by_name("builtins", "eval"), "builtins.eval"),
    "getattr": (by_name("builtins", "getattr"), "builtins.getattr"),
    "numpy.load": (by_name("numpy", "load"), "numpy.load"),
    "a dotted name": (by_name("numpy", "ndarray.tofile"), "numpy.ndarray.tofile"),
    "a name on the stack": (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"),
    "INST": (b"(ios\nsystem\n.", "os.system"),
    "INST of an array": (b"(inumpy\nndarray\n.", "pickle opcode INST"),
    "OBJ": (b"(cnumpy\nndarray\no.", "pickle opcode OBJ"),
    "NEWOBJ": (b"\x80\x02cnumpy\nndarray\n)\x81.", "pickle opcode NEWOBJ"),
    "NEWOBJ_EX": (b"\x80\x04cnumpy\nndarray\n)}\x92.", "pickle opcode NEWOBJ_EX"),
    "persistent id": (b"Pfile\n.", "pickle opcode PERSID"),
    "binary persistent id": (b"K\x01Q.", "pickle opcode BINPERSID"),
    "extension registry": (b"\x80\x02\x82\x01.", "pickle opcode EXT1"),
    "a buffer from outside": (b"\x80\x05\x97.", "pickle opcode NEXT_BUFFER"),
    "a state for a name": (b"cnumpy\nndarray\n}b.", "change numpy.ndarray"),
    "an array type called": (b"cnumpy\nndarray\nK\x05\x85R.", "numpy.ndarray called directly"),
    "an array of another class": (RECONSTRUCT + b"(cnumpy\ndtype\nK\x00\x85C\x01btR.", "numpy._reconstruct"),
    "another encoding": (
        by_name("_codecs", "encode", arguments=b"X\x01\x00\x00\x00aX\x03\x00\x00\x00rot\x86"),
        "_codecs.encode",
    ),
    "a bare name": (b"cnumpy\nndarray\n.", "numpy.ndarray"),
    "an array without contents": (ARRAY + b".", "PendingArray"),
    "a class of a fork": (by_name("core.leras.saver", "Options"), "core.leras.saver.Options"),
    "the name of a function in Python 2": (by_name("__builtin__", "eval"), "__builtin__.eval"),
    "a call in text": (b"cposix\nsystem\n(S'true'\ntR.", "posix.system"),
    "an object of an old class": (
        b"ccopy_reg\n_reconstructor\n(c__builtin__\nset\nc__builtin__\nobject\nNtR.",
        "_recon",
    ),
    "an allowed name called as a method": (by_name("datetime", "datetime.now"), "datetime.datetime.now"),
}
GARBLED = {
    "a call of a list": b"]" + b")R.",
    "a call of a made thing": ARRAY + b")R.",
    "a state for a dict": b"}}b.",
    "an item set on a list": b"]X\x01\x00\x00\x00aK\x02s.",
    "an item added to a dict": b"}K\x01a.",
    "a list as a key": b"}]K\x02s.",
    "tuples in tuples as a key": b"}" + b")" + b"\x85" * 100_000 + b"K\x02s.",
    "a date of no calendar": by_name("datetime", "date", arguments=b"C\x04\x07\xd0\xff\xff\x85"),
    "letters beyond Unicode": pickle.dumps(np.array(["a"]), 3).replace(b"a\0\0\0", b"a\0\0\x7f"),
    "text without quotes": b"Stext\n.",
    "a number in letters": b"Ione\n.",
    "an endless number in text": b"L" + b"9" * 100_000 + b"L\n.",
    "a place in letters": b"K\x01pone\n.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickles_are_refused_naming_what_they_want(name):
    payload, wanted = HOSTILE[name]
    with pytest.raises(UnsafePickle) as refusal:
        safe_pickle.loads(payload)
    assert wanted in refusal.value.wanted


@pytest.mark.parametrize("name", GARBLED)
def test_what_makes_no_sense_is_damage_and_not_an_attack(name):
    with pytest.raises(Damaged):
        safe_pickle.loads(GARBLED[name])


RECORD = {
    3: "a number as a key",
    (1, "two"): "a tuple as a key",
    "saved": datetime.datetime(2023, 5, 1, 12, 30, tzinfo=datetime.timezone.utc),
    "day": datetime.date(2023, 5, 1),
    "took": datetime.timedelta(minutes=2),
    "tags": {"wf"},
    "fixed": frozenset({1}),
    "ordered": collections.OrderedDict(a=1),
    "counted": collections.defaultdict(list, {"a": [1]}),
    "folder": pathlib.PureWindowsPath("D:/workspace"),
    "name": np.str_("new"),
    "names": np.array(["ab", "c"]),
    "mixed": np.array([1, "x", None], object),
    "moment": np.datetime64("1970-01-03"),
    "records": np.zeros(2, "i4,i4"),
    "bytes": bytearray(b"\x00\xff"),
    "text": "脸\n'\"",
    "nested": {"a": {"b": {1: None}}},
    "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
    "numbers": [True, -5, 2**90, 1.5, np.float64(0.25)],
}


@pytest.mark.parametrize("protocol", range(6))
def test_data_of_every_protocol_and_kind_is_read_as_plain_data(protocol):
    value = safe_pickle.loads(pickle.dumps(RECORD, protocol))
    weights = value.pop("weights")
    assert weights.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert value == {
        **{key: RECORD[key] for key in (3, (1, "two"), "text", "nested", "numbers")},
        "saved": "2023-05-01T12:30:00",
        "day": "2023-05-01",
        "took": 120.0,
        "tags": ["wf"],
        "fixed": (1,),
        "ordered": {"a": 1},
        "counted": {"a": [1]},
        "folder": "D:\\workspace",
        "name": "new",
        "names": ["ab", "c"],
        "mixed": [1, "x", None],
        "moment": 2,
        "records": "numpy V8",
        "bytes": b"\x00\xff",
    }


def test_byte_strings_of_python_2_are_text_and_contents_of_arrays():
    contents = np.array([1.5, -2], "<f4").tobytes()
    array = (
        ARRAY.replace(b"C\x01b", b"U\x01b")
        + b"(K\x01K\x02\x85cnumpy\ndtype\n(U\x02f4K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89U\x08" + contents + b"tb"
    )  # fmt: skip
    value = safe_pickle.loads(b"\x80\x02}(U\x04iterK\x07U\x01aU\x06\xe8\x84\xb8\xe8\x84\xb8U\x01w" + array + b"u.")
    assert (value["iter"], value["a"], value["w"].tolist()) == (7, "脸脸", [1.5, -2])


def test_keys_that_are_slow_to_tell_apart_are_too_many():
    modulus = 2**61 - 1  # of the hash of a number
    payload = pickle.dumps({number * modulus: None for number in range(20_000)}, 4)
    with pytest.raises(Damaged, match="memory"):
        safe_pickle.loads(payload)


def test_a_refused_name_cannot_write_to_the_terminal():
    with pytest.raises(UnsafePickle) as refusal:
        safe_pickle.loads(by_name("\x1b[31mos", "x" * 150))
    assert refusal.value.wanted.isprintable()
    assert len(refusal.value.wanted) <= 100


def array_of(shape: bytes, contents: bytes) -> bytes:
    dtype = FLOAT + b"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    return (
        b"\x80\x04"
        + ARRAY
        + b"(K\x01"
        + shape
        + dtype
        + b"\x89B"
        + struct.pack("<I", len(contents))
        + contents
        + b"tb."
    )


BILLION = b"\x80\x02]q\x00" + b"".join(
    b"](" + b"h" + bytes([each]) + b"h" + bytes([each]) + b"eq" + bytes([each + 1]) for each in range(30)
)
BOMBS = {
    "bytes said to be a terabyte": b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b".",
    "text said to be a terabyte": b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b".",
    "a byte array said to be huge": b"\x80\x05\x96" + struct.pack("<Q", 2**63) + b".",
    "a frame of all there is": b"\x80\x04\x95" + struct.pack("<Q", 2**64 - 1) + b"K\x01",
    "a number of 2 GB": b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b".",
    "a number of negative length": b"\x80\x02\x8b" + struct.pack("<i", -1) + b".",
    "an array shape of 4 GB without contents": array_of(b"J\xff\xff\xff\x3f\x85", b""),
    "an empty array with a huge side": array_of(b"K\x00J\xff\xff\xff\x3f\x86", b""),
    "an array shorter than its contents": array_of(b"K\x01\x85", b"12345678"),
    "an array with a negative side": array_of(b"J\xff\xff\xff\xff\x85", b""),
    "hundreds of thousands of lists in lists": b"]" * 300_000 + b"a" * 299_999 + b".",
    "tuples in tuples": b")" + b"\x85" * 200_000 + b".",
    "a hundred lists in lists": b"]" * 100 + b"a" * 99 + b".",
    "hundreds of thousands of marks": b"(" * 300_000 + b".",
    "lists that double": BILLION + b".",
    "a list that contains itself": b"]q\x00h\x00a.",
    "a dict that contains itself": b"}q\x00X\x01\x00\x00\x00ah\x00s.",
    "bytes encoded again and again": b"\x80\x02c_codecs\nencode\nq\x00X"
    + struct.pack("<I", 60_000) + b"a" * 60_000 + b"q\x01X\x06\x00\x00\x00latin1q\x02](" + b"h\x00h\x01h\x02\x86R" * 5000 + b"e.",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_short_pickle_cannot_ask_for_much_memory(name):
    payload = BOMBS[name]
    tracemalloc.start()
    try:
        with pytest.raises((UnsafePickle, Damaged)):
            safe_pickle.loads(payload)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20 + 40 * len(payload)


def test_a_far_memo_place_costs_nothing():
    payload = b"K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff."
    tracemalloc.start()
    assert safe_pickle.loads(payload) == 7
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_large_arrays_are_not_copied_twice():
    payload = safe_pickle.dumps({"weight": np.zeros(2**22, np.float32)})
    tracemalloc.start()
    value = safe_pickle.loads(payload)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert value["weight"].shape == (2**22,)
    assert peak < 1.1 * len(payload)


def test_what_is_not_plain_is_not_written():
    for value in (object(), {1, 2}, [os.system], {"a": np.array([None])}, np.array([(1, 2)], "i4,i4")):
        with pytest.raises(UnsafePickle):
            safe_pickle.dumps(value)


def face_payload() -> bytes:
    face = {
        "face_type": "whole_face",
        "landmarks": np.random.RandomState(0).rand(68, 2).tolist(),
        "seg_ie_polys": {"polys": [{"type": 1, "pts": np.ones((5, 2), np.float32)}]},
        "xseg_mask": np.arange(200, dtype=np.uint8),
        "eyebrows_expand_mod": np.float64(1),
    }
    return pickle.dumps(face, 4)


def read_or_refuse(payload: bytes) -> None:
    """Reading may fail in two ways only, whatever the bytes are; what is read can be written."""
    try:
        value = safe_pickle.loads(payload)
    except (UnsafePickle, Damaged):
        return
    safe_pickle.dumps(value)


@given(st.data())
@settings(max_examples=300)
def test_damaged_face_data_never_surprises(data):
    payload = bytearray(face_payload())
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(payload)) | st.just(len(payload)))
    read_or_refuse(bytes(payload[:cut]))


@given(st.data())
@settings(max_examples=300)
def test_damaged_records_of_any_protocol_never_surprise(data):
    payload = bytearray(pickle.dumps(RECORD, data.draw(st.integers(0, 5))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload) - 1))
        piece = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + 1] = payload[piece : piece + data.draw(st.integers(0, 30))]
    read_or_refuse(bytes(payload))


OPCODES = [
    bytes([code])
    for code in b"()]}0.NKMJGCXUTBabtRsue12lhjqrgpISVFL\n\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8f\x90\x91\x93\x94\x95"
]
PIECES = [
    *OPCODES,
    ARRAY,
    FLOAT,
    b"cnumpy\nndarray\n",
    b"c_codecs\nencode\n",
    b"cdatetime\ndate\n",
    b"ccollections\nOrderedDict\n",
    b"c__builtin__\nset\n",
    b"\x8c\x02U1",
    b"\x8c\x02f4",
    b"K\x00",
    b"h\x00",
    b"q\x00",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40))
@settings(max_examples=500)
def test_opcodes_in_any_order_never_surprise(pieces):
    read_or_refuse(b"\x80\x04" + b"".join(pieces) + b".")


def test_other_buffers_are_read_too(tmp_path):
    import mmap

    path = tmp_path / "weights"
    path.write_bytes(pickle.dumps({"a": np.arange(5.0)}, 4))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert safe_pickle.loads(mapped)["a"][4] == 4
    assert safe_pickle.loads(bytearray(io.BytesIO(path.read_bytes()).getvalue()))["a"][4] == 4
