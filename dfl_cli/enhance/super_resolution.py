"""Faces made sharper by a network in an ONNX file: any upscaler or face restoration network whose input is one picture.

How the network wants its pictures is found by asking it: the order of axes and the sizes from its inputs, the scale from what comes
back, the range of values from its metadata or from a probe picture that it must give back much as it was. Colors are RGB there.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from dfl_cli.enhance.tiles import by_tiles
from dfl_cli.enhance.trial import TRIAL_SECONDS, UnusableNetwork, try_network
from dfl_cli.translate import clauses, listed, tr
from samplers.files.regular_file import MB, read_regular

RANGES = {"unit": (0, 1), "signed": (-1, 1), "bytes": (0, 255)}  # the values of black and white
METADATA_KEYS = ("value_range", "range", "input_range")
SUPER_RESOLUTION_SCALE = 4  # side of an enhanced face in sides of what a model made, where the network does not decide
PROBE_SIDE = 64  # where the network takes any size
RECOGNIZABLE = 0.1  # mean error of a probe picture that came back as it was; a wrong range gives several times that
LARGEST_NETWORK = 2048 * MB  # of a file; ONNX itself ends there
LEAST_SECONDS, PATIENCE = 60, 50  # a batch may take 60 s, and 50 times as long as the probe took for as many values
TIE = 0.01  # of errors; below it the earlier range in the table is as good


class InputLayout(NamedTuple):
    """How the network wants a batch."""

    channels_first: bool
    side: int | None  # of the picture; None for any
    batch: int | None  # None for any
    dtype: type


class OnnxEnhancer:
    """A network that is known: `enhance` makes faces sharper, and larger if it can."""

    def __init__(
        self,
        run: Callable[[np.ndarray], np.ndarray],
        layout: InputLayout,
        *,
        scale: int,
        value_range: tuple[int, int],
        content: str,
    ):
        """
        Args:
            run: a batch as the network wants it -> what it says
            scale: side of what comes back in sides of what goes in
            levels: black and white as the network has them
            content: hash of the file it came from
        """
        self.run, self.layout, self.scale, self.value_range, self.content = run, layout, scale, value_range, content

    def __str__(self) -> str:
        """The same for networks that make the same of a face."""
        return f"{self.content} {self.value_range}"

    def enhance(self, faces):
        """(B, R, R, 3) BGR 0..1 -> (B, n, n, 3): n is R times the scale, and at scale 1 the side the network likes."""
        if self.scale == 1:  # restores a face that fills the picture
            side = self.layout.side or SUPER_RESOLUTION_SCALE * faces.shape[1]
            faces = np.stack([cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC) for face in faces])
        if self.layout.side in (None, faces.shape[1]):
            return self.run_batches(faces)
        return by_tiles(faces, self.run_batches, side=self.layout.side, scale=self.scale)

    def run_batches(self, pictures):
        """What the network makes of (B, h, w, 3), as many at once as it takes."""
        step = self.layout.batch or len(pictures)
        return np.concatenate([self.run_batch(pictures[at : at + step]) for at in range(0, len(pictures), step)])

    def run_batch(self, pictures):
        black, white = self.value_range
        count, wanted = len(pictures), self.layout.batch or len(pictures)
        padded = np.concatenate([pictures, np.zeros((wanted - count, *pictures.shape[1:]), np.float32)])
        answer = self.run(to_network(padded * np.float32(white - black) + np.float32(black), self.layout))[:count]
        return np.clip((from_network(answer, self.layout) - black) / np.float32(white - black), 0, 1)


def to_network(pictures, layout: InputLayout):
    """(B, h, w, 3) BGR -> RGB in the order of axes and the type of the network."""
    pictures = pictures[..., ::-1]
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2) if layout.channels_first else pictures, layout.dtype)


def from_network(answer, layout: InputLayout):
    """The reverse, float32."""
    pictures = answer.transpose(0, 2, 3, 1) if layout.channels_first else answer
    return pictures[..., ::-1].astype(np.float32)


def open_enhancer(path: Path, *, values: str = "auto", seconds: float = TRIAL_SECONDS) -> OnnxEnhancer:
    """The network in the file at `path`, which is tried in another process first. Raises UnusableNetwork, OSError.

    values   a key of RANGES, or auto
    seconds  that the trial may take
    """
    content = read_regular(path, limit=LARGEST_NETWORK)
    load_onnxruntime(path)
    found = try_network(path, values, seconds=seconds)
    if found["content"] != hashlib.sha256(content).hexdigest():
        raise UnusableNetwork(path, "fails", tr("The file changed while it was read."))
    session = open_session(path, content)
    layout = layout_of(path, session)
    run = runner(
        path, session, seconds_for=lambda batch: LEAST_SECONDS + PATIENCE * found["seconds_per_value"] * batch.size
    )
    return OnnxEnhancer(run, layout, scale=found["scale"], value_range=RANGES[found["range"]], content=found["content"])


def examine(path: Path, values: str) -> dict[str, Any]:
    """Scale, range of values (a key of RANGES) and hash of the network at `path`, found by running it on the CPU.

    Raises UnusableNetwork, OSError.
    """
    content = read_regular(path, limit=LARGEST_NETWORK)
    session = open_session(path, content, gpu=False)
    run, layout = runner(path, session), layout_of(path, session)
    probe = probe_picture(layout.side or PROBE_SIDE)
    began = time.perf_counter()
    scale = scale_of(path, run, layout, probe)
    seconds = (time.perf_counter() - began) / (probe.size * (layout.batch or 1))
    digest = hashlib.sha256(content).hexdigest()
    metadata = session.get_modelmeta().custom_metadata_map
    with_range = partial(OnnxEnhancer, run, layout, scale=scale, content=digest)
    value_range = RANGES.get(values) or declared_range(metadata) or detected_range(path, with_range, probe)
    name = next(name for name, known in RANGES.items() if known == value_range)
    return {"scale": scale, "range": name, "content": digest, "seconds_per_value": seconds}


def runner(
    path: Path, session, *, seconds_for: Callable[[np.ndarray], float] = lambda batch: math.inf
) -> Callable[[np.ndarray], np.ndarray]:
    """Runs a batch; after `seconds_for` it the network is stopped: how often its loops turn may depend on what it sees.

    What runs raises UnusableNetwork.
    """
    name = session.get_inputs()[0].name

    def run(batch):
        options, seconds = load_onnxruntime(path).RunOptions(), seconds_for(batch)
        timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), setattr, (options, "terminate", True))
        timer.daemon = True
        timer.start()
        try:
            return session.run(None, {name: batch}, options)[0]
        except Exception as error:  # as in open_session
            if options.terminate:
                raise UnusableNetwork(path, "endless-loop", f"{seconds:.0f}") from error
            raise UnusableNetwork(path, "fails", first_line(error)) from error
        finally:
            timer.cancel()

    return run


def load_onnxruntime(path: Path) -> Any:
    """The module. Raises UnusableNetwork where it is missing."""
    try:
        import onnxruntime
    except ImportError as error:
        raise UnusableNetwork(path, "missing-package") from error
    return onnxruntime


def open_session(path: Path, content: bytes, *, gpu: bool = True) -> Any:
    """ONNX Runtime's session for `content`, on a GPU if it is wanted and this ONNX Runtime can use one. Raises UnusableNetwork."""
    onnxruntime = load_onnxruntime(path)
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    have = onnxruntime.get_available_providers()
    known = (*(["CUDAExecutionProvider"] if gpu else []), "CPUExecutionProvider")
    wanted = [name for name in known if name in have]
    try:
        return onnxruntime.InferenceSession(content, quiet, providers=wanted)
    except Exception as error:  # a stranger's file may be broken in any way, and the library has an error for each
        raise UnusableNetwork(path, "not-onnx", first_line(error)) from error


def layout_of(path: Path, session) -> InputLayout:
    """Order of axes and sizes from what the network declares. Raises UnusableNetwork."""
    declared = session.get_inputs()
    types = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
    shapes = clauses(f"{each.name} {each.type} {each.shape}" for each in declared)
    if len(declared) != 1 or declared[0].type not in types or len(declared[0].shape) != 4:
        raise UnusableNetwork(path, "inputs", shapes)
    batch, first, second, last = (each if isinstance(each, int) and each > 0 else None for each in declared[0].shape)
    channels_first = first == 3 or last != 3
    channels, height, width = (first, second, last) if channels_first else (last, first, second)
    if channels not in (3, None) or height != width:
        raise UnusableNetwork(path, "inputs", shapes)
    return InputLayout(channels_first, height, batch, types[declared[0].type])


def scale_of(path: Path, run, layout: InputLayout, probe) -> int:
    """How much larger the answer is. Raises UnusableNetwork."""
    batch = np.repeat(probe[None], layout.batch or 1, axis=0)
    answer = run(to_network(batch, layout))
    shape = np.shape(answer)
    sides = from_network(answer, layout).shape[1:3] if len(shape) == 4 else ()
    scale = sides[0] // len(probe) if sides else 0
    if not scale or sides != (scale * len(probe),) * 2 or 3 not in shape[1:]:
        raise UnusableNetwork(path, "outputs", str(shape))
    return scale


def declared_range(metadata: dict[str, str]) -> tuple[int, int] | None:
    """The range of values that the file's metadata name, such as "-1,1" or "unit"."""
    for key in METADATA_KEYS:
        text = metadata.get(key, "").strip(" []()").replace("..", ",").replace(" ", "")
        for word, value_range in RANGES.items():
            if text in (word, f"{value_range[0]},{value_range[1]}"):
                return value_range
    return None


def detected_range(path: Path, with_range: Callable[..., OnnxEnhancer], probe) -> tuple[int, int]:
    """The range of values in which the network gives the probe picture back. Raises UnusableNetwork when it does in none."""
    errors = {value_range: error_of(with_range(value_range=value_range), probe) for value_range in RANGES.values()}
    best = min(errors.values())
    if not best < RECOGNIZABLE:
        raise UnusableNetwork(path, "range", listed(f"{error:.2f}" for error in errors.values()))
    return next(value_range for value_range, error in errors.items() if error <= best + TIE)


def error_of(enhancer: OnnxEnhancer, probe) -> float:
    """Mean difference between the probe picture and what comes back, at the probe's size."""
    answer = enhancer.run_batches(probe[None])[0]
    return float(np.abs(cv2.resize(answer, probe.shape[1::-1], interpolation=cv2.INTER_AREA) - probe).mean())


def probe_picture(side: int):
    """(side, side, 3) float32: soft shapes from black to white, in every color."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    waves = [np.sin(2 * np.pi * (a * x + b * y) + c) for a, b, c in ((1, 0.5, 0), (0.5, -1, 2), (1.5, 1, 4))]
    return np.stack(waves, axis=-1) * np.float32(0.5) + np.float32(0.5)


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
