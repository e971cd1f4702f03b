"""Why a face had better leave a set; loads quickly, for the command line."""

from enum import Enum


class Defect(Enum):
    """The words of the flags and of JSON."""

    BLURRED = "blurred"
    TINY = "tiny"
    DUPLICATE = "duplicate"
    STRANGER = "stranger"
    LANDMARKS = "landmarks"
    CLOSED_EYES = "closed-eyes"


NAMES = tuple(each.value for each in Defect)
