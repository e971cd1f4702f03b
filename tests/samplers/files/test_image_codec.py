"""Encoded pictures of strangers."""

import resource
import sys

import cv2
import numpy as np
import pytest

from samplers.files.image_codec import decode_mask
from samplers.files.pickles.safe_pickle import Damaged

MASK = np.eye(32, dtype=np.uint8) * 255
PNG = cv2.imencode(".png", MASK)[1].tobytes()
HEADER_END = 8 + 12 + 13  # signature, chunk frame, IHDR


def chunk(kind: bytes, content: bytes, *, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return size.to_bytes(4, "big") + kind + content + bytes(4)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def test_a_mask_is_what_was_drawn():
    np.testing.assert_array_equal(decode_mask(PNG)[..., 0], MASK / np.float32(255))


@pytest.mark.parametrize("kind", [b"IDAT", b"tEXt", b"iCCP", b"eXIf"])
def test_a_chunk_that_claims_gigabytes_gets_none(kind):
    before = peak()
    hostile = PNG[:HEADER_END] + chunk(kind, b"", length=0x7FFFFFFF) + PNG[HEADER_END:]
    with pytest.raises(Damaged, match="truncated"):
        decode_mask(hostile)
    assert peak() - before < 50 << 20


@pytest.mark.parametrize(
    "content",
    [
        PNG[:HEADER_END] + chunk(b"acTL", bytes(8)) + PNG[HEADER_END:],
        PNG[:8] + chunk(b"tEXt", b"first") + PNG[8:],
        PNG[: len(PNG) // 2],
        PNG[:8],
        PNG[:-12],
    ],
)
def test_what_is_no_whole_still_picture_is_damaged(content):
    with pytest.raises(Damaged):
        decode_mask(content)
