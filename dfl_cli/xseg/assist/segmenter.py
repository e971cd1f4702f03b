"""Click to segment: a pair of ONNX networks of Segment Anything's kind that a person names, such as an export of MobileSAM.

The encoder looks at a picture once, the decoder answers each click. None comes with the program. ONNX Runtime runs them where it is
installed, for which such exports are made; else OpenCV, which may lack one of their operations and then says so.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.face_networks.onnx_input import UINT8, Declared, declared_values
from dfl_cli.translate import listed, tr
from samplers.files.regular_file import read_regular

SIDE = 1024  # pixels of the encoder's square, where it does not declare another
LOW_SIDE = 256  # of the masks that the decoder takes and gives, likewise
MEAN, SPREAD = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])  # of Segment Anything, RGB
LARGEST_NETWORK = 2**30  # bytes
LONGEST_RUN = 120.0  # seconds
LOOKS_KEPT = 8  # of 4 MB each
EMBEDDINGS = "image_embeddings"
DECODER_INPUTS = (EMBEDDINGS, "point_coords", "point_labels", "mask_input", "has_mask_input", "orig_im_size")
DECODER_OUTPUTS = ("masks", "iou_predictions", "low_res_masks")
OUTSIDE, INSIDE, NO_POINT, TOP_LEFT, BOTTOM_RIGHT = 0, 1, -1, 2, 3  # labels of points


class UnusableSegmenter(UserError):
    """The file at `path` is no such network; `details` says what it is or did."""

    def __init__(self, path: Path, details: str):
        super().__init__(
            tr("{path} is not a network that finds what is clicked.", path=path),
            saw=details,
            fix=tr("Give the encoder and the decoder of a MobileSAM or Segment Anything export (ONNX)."),
        )
        self.path = path


class Look(NamedTuple):
    """What the encoder saw in a picture."""

    embeddings: np.ndarray
    shape: tuple[int, int]  # height, width of the picture


class Found(NamedTuple):
    """What the decoder says about clicks."""

    mask: np.ndarray  # (H, W, 1) float32, 0 or 1
    score: float  # IoU with the object as the network estimates it
    low: np.ndarray  # the mask as the decoder takes it again, to be refined by the next click


class Network(Protocol):
    def run(self, values: Mapping[str, np.ndarray], outputs: Sequence[str]) -> list[np.ndarray]: ...


class Segmenter:
    """An encoder and a decoder; threads may share it."""

    def __init__(self, encoder: Path, decoder: Path):
        """Opens both and tries them on a gray picture. Raises UnusableSegmenter, OSError."""
        self._encoder_path, self._decoder_path = encoder, decoder
        contents = [read_regular(path, limit=LARGEST_NETWORK) for path in (encoder, decoder)]
        self._picture, self._embeddings = encoder_form(encoder, contents[0])
        self._side = max(side for side in (*(self._picture.shape or ()), 0) if side != 3) or SIDE
        self._low_shape = decoder_form(decoder, contents[1])
        self._encoder, self._decoder = (
            open_network(path, each) for path, each in zip((encoder, decoder), contents, strict=True)
        )
        self._lock = threading.Lock()
        self._looks: dict[bytes, Look] = {}
        gray = self.look(np.full((48, 64, 3), 128, np.uint8))
        self.find(gray, [(32, 24)], [True])

    def segment(self, picture: np.ndarray, points: Sequence[tuple[float, float]], labels: Sequence[int]) -> np.ndarray:
        """(H, W, 1) float32, 0 or 1: the object at the points labeled 1, without what is at those labeled 0.

        The pictures asked about last are encoded once.
        """
        key = hashlib.blake2b(np.ascontiguousarray(picture), digest_size=16).digest() + repr(picture.shape).encode()
        look = self._looks.pop(key, None) or self.look(picture)
        self._looks[key] = look
        while len(self._looks) > LOOKS_KEPT:
            self._looks.pop(next(iter(self._looks)), None)
        return self.find(look, points, [label == INSIDE for label in labels]).mask

    def look(self, picture: np.ndarray) -> Look:
        """`picture` (H, W, 3) uint8 BGR, encoded: the slow half."""
        shape = picture.shape[:2]
        with self._lock:
            values = self._run(
                self._encoder, self._encoder_path, {self._picture.name: self._fitted(picture)}, [self._embeddings]
            )
        return Look(values[0], shape)

    def find(
        self,
        look: Look,
        points: Sequence[tuple[float, float]],
        inside: Sequence[bool],
        *,
        box: tuple[float, float, float, float] | None = None,
        before: Found | None = None,
    ) -> Found:
        """The object at `points`, pixels of the picture, of which those that are not `inside` are not on it.

        box     left, top, right, bottom of the object
        before  an earlier answer about it
        """
        corners = [(*box[:2],), (*box[2:],)] if box else [(0.0, 0.0)]
        places = np.float32([*points, *corners]) * (self._side / max(look.shape))
        labels = [INSIDE if each else OUTSIDE for each in inside] + ([TOP_LEFT, BOTTOM_RIGHT] if box else [NO_POINT])
        values = {
            EMBEDDINGS: look.embeddings,
            "point_coords": places[None],
            "point_labels": np.float32(labels)[None],
            "mask_input": before.low if before else np.zeros(self._low_shape, np.float32),
            "has_mask_input": np.float32([before is not None]),
            "orig_im_size": np.float32(look.shape),
        }
        with self._lock:
            masks, scores, low = self._run(self._decoder, self._decoder_path, values, DECODER_OUTPUTS)
        if (
            masks.ndim != 4
            or masks.shape[2:] != look.shape
            or scores.size != masks.shape[1]
            or low.shape[:2] != masks.shape[:2]
        ):
            raise UnusableSegmenter(
                self._decoder_path, seen_shapes(dict(zip(DECODER_OUTPUTS, (masks, scores, low), strict=True)))
            )
        best = int(scores.reshape(-1).argmax())
        mask = np.float32(masks[0, best, ..., None] > 0)
        return Found(mask, float(scores.reshape(-1)[best]), np.ascontiguousarray(low[:, best : best + 1]))

    def _fitted(self, picture: np.ndarray) -> np.ndarray:
        """The picture as the encoder takes it: its longer side as long as the encoder's."""
        scale = self._side / max(picture.shape[:2])
        size = [max(round(side * scale), 1) for side in picture.shape[1::-1]]
        rgb = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)[..., ::-1]
        shape = self._picture.shape
        if len(shape) == 3:  # (H, W, 3): it does the rest itself
            free = not any(shape[:2])
            whole = rgb if free else padded(rgb, self._side)
            return np.ascontiguousarray(whole.astype(np.uint8 if self._picture.element == UINT8 else np.float32))
        whole = padded((np.float32(rgb) - MEAN) / SPREAD, self._side)[None]
        return np.ascontiguousarray(whole if shape[3] == 3 else whole.transpose(0, 3, 1, 2))

    def _run(
        self, network: Network, path: Path, values: Mapping[str, np.ndarray], outputs: Sequence[str]
    ) -> list[np.ndarray]:
        try:
            return network.run(values, outputs)
        except (
            Exception
        ) as error:  # a stranger's file may be broken in any way, and the libraries have an error for each
            raise UnusableSegmenter(path, first_line(error)) from error


def encoder_form(path: Path, content: bytes) -> tuple[Declared, str]:
    """The input of an encoder, and the name of its output. Raises UnusableSegmenter."""
    inputs, outputs = declared_values(content)
    shape = inputs[0].shape or () if len(inputs) == 1 else ()
    has_colors = (len(shape) in (3, 4) and shape[-1] in (0, 3)) or (len(shape) == 4 and shape[1] == 3)
    named = [each.name for each in outputs if each.name == EMBEDDINGS] or [each.name for each in outputs]
    if not has_colors or len(named) != 1:
        raise UnusableSegmenter(path, as_seen(inputs, outputs, tr("one image and {output}", output=EMBEDDINGS)))
    return inputs[0], named[0]


def decoder_form(path: Path, content: bytes) -> tuple[int, ...]:
    """The shape of the mask that a decoder takes. Raises UnusableSegmenter."""
    inputs, outputs = declared_values(content)
    names = {each.name: each for each in inputs}
    if set(names) != set(DECODER_INPUTS) or not {each.name for each in outputs}.issuperset(DECODER_OUTPUTS):
        wanted = f"{', '.join(DECODER_INPUTS)} -> {', '.join(DECODER_OUTPUTS)}"
        raise UnusableSegmenter(path, as_seen(inputs, outputs, wanted))
    sides = (names["mask_input"].shape or (1, 1, 0, 0))[2:]
    return 1, 1, *(side or LOW_SIDE for side in sides)


def as_seen(inputs: Sequence[Declared], outputs: Sequence[Declared], wanted: str) -> str:
    if not inputs and not outputs:
        return tr("not an ONNX file")
    seen = f"{', '.join(map(str, inputs))} -> {', '.join(map(str, outputs))}"
    return tr("{seen}; expected: {wanted}", seen=seen, wanted=wanted)


def seen_shapes(values: Mapping[str, np.ndarray]) -> str:
    return listed(f"{name} ({'x'.join(map(str, value.shape))})" for name, value in values.items())


def padded(rgb: np.ndarray, side: int) -> np.ndarray:
    """The picture in the upper left corner of a square, the rest 0."""
    square = np.zeros((side, side, 3), rgb.dtype)
    square[: rgb.shape[0], : rgb.shape[1]] = rgb[:side, :side]
    return square


def open_network(path: Path, content: bytes) -> Network:
    """Raises UnusableSegmenter."""
    try:
        onnxruntime = import_module("onnxruntime")
    except ImportError:
        onnxruntime = None
    try:
        return OnnxRuntimeNetwork(onnxruntime, content) if onnxruntime else OpenCVNetwork(content)
    except Exception as error:  # as in Segmenter._run
        raise UnusableSegmenter(path, first_line(error)) from error


class OnnxRuntimeNetwork:
    """A network run by ONNX Runtime, on the CPU: each answer takes less than a picture takes to travel to a GPU that trains."""

    def __init__(self, onnxruntime: Any, content: bytes):
        quiet = onnxruntime.SessionOptions()
        quiet.log_severity_level = 4
        self._options = onnxruntime.RunOptions
        self._session = onnxruntime.InferenceSession(content, quiet, providers=["CPUExecutionProvider"])

    def run(self, values: Mapping[str, np.ndarray], outputs: Sequence[str]) -> list[np.ndarray]:
        options = self._options()
        timer = threading.Timer(LONGEST_RUN, setattr, (options, "terminate", True))
        timer.daemon = True
        timer.start()
        try:
            return self._session.run(list(outputs), dict(values), options)
        finally:
            timer.cancel()


class OpenCVNetwork:
    """A network run by OpenCV."""

    def __init__(self, content: bytes):
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))

    def run(self, values: Mapping[str, np.ndarray], outputs: Sequence[str]) -> list[np.ndarray]:
        for name, value in values.items():
            self._net.setInput(value, name)
        return [np.array(each) for each in self._net.forward(list(outputs))]


def first_line(error: Exception) -> str:
    return (str(getattr(error, "err", "") or error).strip() or type(error).__name__).partition("\n")[0][:200]
