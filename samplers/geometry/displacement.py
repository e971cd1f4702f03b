"""Where pictures of faces lie beside their place, as `registration` measures it. Loads no OpenCV."""

from typing import NamedTuple


class Displacement(NamedTuple):
    """Where pictures lie, measured against the pictures they should be."""

    shift: tuple[float, float]  # pixels; the median over the faces
    spread: tuple[float, float]  # pixels; standard deviation over the faces
    scale: float  # 1: as large as it should be; the median
    turn: float  # degrees, clockwise; the median
    faces: int  # that could be compared
