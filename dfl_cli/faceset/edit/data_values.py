"""Face data as JSON, and back, without a digit lost.

Numbers, text, lists and objects stand there as they are. What JSON lacks is an object with one of these keys: `$array` (type of the
numbers, `shape`, and `numbers` or, for bytes, `base64`), `$bytes`, `$tuple`, and `$face-data` for the rest, in the form it has in
the image.
"""

import base64
import binascii
import re
from typing import Any

import numpy as np

from samplers.files.pickles import safe_pickle
from samplers.files.pickles.pickle_values import N_, Damaged

ARRAY, BYTES, TUPLE, OTHER = "$array", "$bytes", "$tuple", "$face-data"
TYPE_CODE = re.compile(r"[<>|](b1|[iu][1248]|f[248])")
PLAIN = (str, int, float, bool, type(None))


def to_json(value: Any) -> Any:
    """A value of face data as JSON can hold it. Raises UnsafePickle for one that face data cannot hold either."""
    if type(value) in PLAIN:
        return value
    if type(value) is list:
        return [to_json(each) for each in value]
    if type(value) is tuple:
        return {TUPLE: [to_json(each) for each in value]}
    if type(value) is bytes:
        return {BYTES: text_of(value)}
    if type(value) is np.ndarray and TYPE_CODE.fullmatch(value.dtype.str):
        return array_to_json(value)
    if type(value) is dict and all(type(key) is str and not key.startswith("$") for key in value):
        return {key: to_json(each) for key, each in value.items()}
    return {OTHER: text_of(safe_pickle.dumps(value))}


def array_to_json(array: np.ndarray) -> dict:
    """Bytes, such as an encoded mask, in base64; other numbers as a person can read them."""
    content = (
        {"base64": text_of(array.tobytes())} if array.dtype.itemsize == 1 else {"numbers": array.reshape(-1).tolist()}
    )
    return {ARRAY: array.dtype.str, "shape": list(array.shape), **content}


def from_json(value: Any) -> Any:
    """The value of face data. Raises Damaged, UnsafePickle."""
    try:
        return value_of(value)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, binascii.Error):
        raise Damaged(N_("garbled")) from None


def value_of(value: Any) -> Any:
    if type(value) is list:
        return [value_of(each) for each in value]
    if type(value) is not dict:
        return value
    if ARRAY in value:
        return array_of(value)
    if BYTES in value:
        return base64.b64decode(value[BYTES], validate=True)
    if TUPLE in value:
        return tuple(value_of(each) for each in value[TUPLE])
    if OTHER in value:
        return safe_pickle.loads(base64.b64decode(value[OTHER], validate=True))
    return {key: value_of(each) for key, each in value.items()}


def array_of(value: dict) -> np.ndarray:
    if not TYPE_CODE.fullmatch(value[ARRAY]):
        raise ValueError(value[ARRAY])
    kind = np.dtype(value[ARRAY])
    if "base64" in value:
        array = np.frombuffer(base64.b64decode(value["base64"], validate=True), kind)
    else:
        array = np.array(value["numbers"], kind)
    return array.reshape([int(side) for side in value["shape"]])


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
