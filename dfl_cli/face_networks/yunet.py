"""Face boxes by YuNet, on several sizes of a picture."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from dfl_cli.face_networks.bundled import SHA256, network_bytes
from dfl_cli.face_networks.protocols import Box

LEAST_SCORE = 0.6
MOST_FACES = 5000
OVERLAP = 0.3  # of two boxes (intersection / union), beyond which they are one face
SMALL = 40  # pixels of a box's shorter side, below which a picture is looked at in full size
QUICK, QUICK_LARGE = 480, 640  # longer side of what `find` looks at: of pictures up to 960 pixels, and of larger ones
# the same for a coarse look: whole fractions of the usual sizes, which are fast to average
COARSE, COARSE_LARGE = 320, 480
CLOSE, FULL = 240, 1280  # the same for faces that fill the picture, and for small ones
FINEST = 3840 * 2160  # pixels of a whole picture in which tiny faces are searched for in tiles
TILE, TILE_OVERLAP = 1280, 160  # pixels
TILTS = (50, -50, 130, -130)  # degrees by which a picture is turned for tilted heads
TILTED = 320  # pixels of its longer side then
SHORTEST = 16  # pixels of a side
BORDER = 0.25  # of the longer side, added around a picture to see faces that it cuts
QUIET = threading.Lock()  # the level of OpenCV's log is one for all threads


class YuNet:
    """A detector; it belongs to one thread."""

    def __init__(self, content: np.ndarray | None = None, name: str = ""):
        self.content = network_bytes("yunet") if content is None else content
        self.name = name or f"yunet {SHA256['yunet'][:12]}"
        self._nets: dict[tuple[int, int], cv2.FaceDetectorYN] = {}  # by size: changing it costs a third of a run

    def find(self, picture: np.ndarray, *, coarse: bool = False) -> list[Box]:
        small, large = (COARSE, COARSE_LARGE) if coarse else (QUICK, QUICK_LARGE)
        return self.at_size(picture, small if max(picture.shape[:2]) <= 2 * QUICK else large)

    def search(self, picture: np.ndarray) -> list[Box]:
        longest = max(picture.shape[:2])
        boxes = [*self.at_size(picture, min(max(longest, QUICK_LARGE), FULL)), *self.at_border(picture)]
        boxes += [box for degrees in TILTS for box in self.at_angle(picture, degrees)]
        has_small = any(min(box.width, box.height) < SMALL for box in boxes)
        if longest > FULL and (has_small or (not boxes and longest > 2 * FULL)):
            boxes += self.in_tiles(picture)
        return without_doubles(boxes)

    def at_size(self, picture: np.ndarray, longest: int) -> list[Box]:
        """The faces of `picture`, looked at with a longer side of `longest` pixels."""
        scale = longest / max(picture.shape[:2])
        return [scaled(box, 1 / scale) for box in self.boxes(resized(picture, scale))]

    def at_border(self, picture: np.ndarray) -> list[Box]:
        """The faces of `picture` with its edges repeated outward, in a small size: those it cuts, and those that fill it."""
        scale = min(CLOSE / max(picture.shape[:2]), 1.0)
        small = resized(picture, scale)
        border = round(BORDER * max(small.shape[:2]))
        boxes = self.boxes(cv2.copyMakeBorder(small, *[border] * 4, cv2.BORDER_REPLICATE))
        return [scaled(moved(box, -border, -border), 1 / scale) for box in boxes]

    def at_angle(self, picture: np.ndarray, degrees: float) -> list[Box]:
        """The faces of `picture` turned clockwise: those whose heads are tilted to the other side."""
        scale = min(TILTED / max(picture.shape[:2]), 1.0)
        small = resized(picture, scale)
        height, width = small.shape[:2]
        side = math.ceil(math.hypot(width, height))
        turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
        turn[:, 2] += (side - width) / 2, (side - height) / 2
        back, found = cv2.invertAffineTransform(turn), []
        for box in self.boxes(cv2.warpAffine(small, turn, (side, side))):
            x, y = back @ (*box.center, 1)
            half = box.width / 2, box.height / 2
            angle = box.angle - math.radians(degrees)
            found.append(scaled(Box(x - half[0], y - half[1], x + half[0], y + half[1], box.score, angle), 1 / scale))
        return found

    def in_tiles(self, picture: np.ndarray) -> list[Box]:
        """The faces of `picture` in full size, or of a part of it at a time."""
        scale = min(math.sqrt(FINEST / (picture.shape[0] * picture.shape[1])), 1.0)
        fine, boxes = resized(picture, scale), []
        for left, top in tiles(*fine.shape[1::-1]):
            tile = np.ascontiguousarray(fine[top : top + TILE, left : left + TILE])
            boxes += [scaled(moved(box, left, top), 1 / scale) for box in self.boxes(tile)]
        return boxes

    def boxes(self, picture: np.ndarray) -> list[Box]:
        """The faces of `picture` as it is."""
        found = self._net(picture.shape[1::-1]).detect(picture)[1]
        return [] if found is None else [box_of(row) for row in found.tolist()]

    def _net(self, size: tuple[int, int]) -> cv2.FaceDetectorYN:
        if size not in self._nets:
            if len(self._nets) >= 8:
                self._nets.clear()
            self._nets[size] = create(self.content, size)
        return self._nets[size]


def resized(picture: np.ndarray, scale: float) -> np.ndarray:
    """`picture` in another size, of which no side is too short for the network."""
    size = [max(round(side * scale), SHORTEST) for side in picture.shape[1::-1]]
    if size == list(picture.shape[1::-1]):
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def create(content: np.ndarray, size: tuple[int, int]) -> cv2.FaceDetectorYN:
    """A detector for pictures of `size` (width, height). Raises cv2.error where `content` is no such network."""
    with QUIET:
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of what nobody can change
        try:
            nothing = np.zeros(0, np.uint8)
            return cv2.FaceDetectorYN.create("onnx", content, nothing, size, LEAST_SCORE, OVERLAP, MOST_FACES)
        finally:
            cv2.utils.logging.setLogLevel(level)


def box_of(row: Sequence[float]) -> Box:
    """A row of YuNet's: left, top, width, height, five points from the eye at the left, score."""
    left, top, width, height, x0, y0, x1, y1 = row[:8]
    return Box(left, top, left + width, top + height, min(row[14], 1.0), math.atan2(y1 - y0, x1 - x0))


def scaled(box: Box, factor: float) -> Box:
    return Box(box.left * factor, box.top * factor, box.right * factor, box.bottom * factor, box.score, box.angle)


def moved(box: Box, right: float, down: float) -> Box:
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down, box.score, box.angle)


def tiles(width: int, height: int) -> Iterator[tuple[int, int]]:
    """(left, top) of the tiles that cover a picture."""
    for top in starts(height):
        for left in starts(width):
            yield left, top


def starts(length: int) -> list[int]:
    count = 1 if length <= TILE else math.ceil((length - TILE_OVERLAP) / (TILE - TILE_OVERLAP))
    return [round(number * (length - TILE) / (count - 1)) for number in range(count)] if count > 1 else [0]


def without_doubles(boxes: Sequence[Box]) -> list[Box]:
    """Of boxes that show one face the surest."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        if all(overlap(box, other) <= OVERLAP for other in kept):
            kept.append(box)
    return kept


def overlap(one: Box, other: Box) -> float:
    """Intersection / union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    common = max(width, 0) * max(height, 0)
    return common / max(one.area + other.area - common, 1e-9)
