"""Why a command leaves a picture out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """What is wrong with a picture, or why a sort puts it aside. The values stand in JSON output and in the index of a face set."""

    EMPTY = "empty"  # no bytes at all
    NOT_AN_IMAGE = "not-an-image"
    NO_FACE_DATA = "no-face-data"
    NO_LANDMARKS = "no-landmarks"
    LANDMARKS = "landmarks"  # around which nothing can be cut
    TRUNCATED = "truncated"
    MARK_ONLY = "mark-only"  # a frame whose faces are only marked: there is no crop to train on
    DAMAGED = "damaged"
    DAMAGED_MASK = "damaged-mask"  # its XSeg mask
    NO_MASK = "no-mask"  # and no polygons
    HOSTILE = "hostile"  # its face data names something to execute
    TOO_LARGE = "too-large"
    UNKNOWN_FACE_TYPE = "unknown-face-type"
    SIZE_DIFFERS = "size-differs"  # from what it was when the face set was opened
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"  # in a zip file
    COMPRESSION = "compression"  # of a member of a zip file, by a method that is not read
    EXPANDS = "expands"  # a member of a zip file that unpacks to far more than a picture
    IMPOSSIBLE_NAME = "name"  # in a pack
    NO_SOURCE = "no-source"  # its face data does not name the frame it was cut from
    CHANGED = "changed"  # its face data, since it was written down
    CROPPED = "cropped"  # since its face data was saved
    GONE = "gone"  # its file
    PNG_FACE = "png-face"  # of DeepFaceLab 1; a pack holds JPEG files
    NOT_SHARP = "not-sharp"
    SHARES_ITS_FRAME = "shares-its-frame"
    NOT_AMONG_THE_BEST = "not-among-the-best"


@dataclass(frozen=True)
class Reason:
    """A fault with the fact that belongs to it, such as `hostile` and `os.system`; `fact` is empty where there is none."""

    fault: Fault
    fact: str = ""

    def __str__(self) -> str:
        """`hostile: os.system`, as JSON output and index files have it."""
        return f"{self.fault.value}: {self.fact}" if self.fact else self.fault.value

    @classmethod
    def parse(cls, text: str) -> Reason:
        """The reason that `str` made `text` of. Raises ValueError."""
        word, _, fact = text.partition(": ")
        return cls(Fault(word), fact)
