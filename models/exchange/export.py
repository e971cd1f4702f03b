"""A model as a .dfm file: the swap as one ONNX graph, with the names and order live programs expect (models.md 5.8).

Needs the package `onnx`; comparing a file with its network needs `onnxruntime`.
"""

from functools import singledispatch
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx

from models.exchange.onnx_graph import Graph
from models.exchange.onnx_layers import choose_channels, decode_face, decode_mask, emit
from models.exchange.onnx_shift import emit_moved_between
from models.model import Model
from models.networks.amp import AmpNetworks
from models.networks.df import Df
from models.networks.liae import Liae
from models.networks.outputs import Swap

FACE_INPUT = "in_face:0"
OUTPUTS = ("out_face_mask:0", "out_celeb_face:0", "out_celeb_face_mask:0")  # masks of dst's own and of the painted face
MORPH_INPUT = "morph_value:0"
BATCH = "batch"  # of any size
CHECKED_MORPHS = (0.0, 0.3, 0.75, 1.0)


class Difference(NamedTuple):
    """Between what a file and its network paint; pictures and masks are 0..1."""

    face: float  # largest of a pixel
    face_mean: float
    mask: float  # largest, of both masks

    @property
    def largest(self) -> float:
        return max(self.face, self.mask)

    def is_rounding(self, *, quantized: bool, cosine: bool) -> bool:
        """Whether arithmetic alone explains it. Not a number never passes.

        float32 keeps 1e-4. Behind many x * cos(x) single pixels of two correct computations have nothing in common, and
        float16 is coarser than that: there the face's mean counts (docs/decisions/0006-dfm-graph.md, measured).
        """
        if quantized:
            return self.face_mean <= 1e-2
        return self.mask <= 1e-4 and (self.face_mean <= 1e-2 if cosine else self.face <= 1e-4)


@singledispatch
def emit_swap(networks, graph: Graph, faces: str) -> Swap:
    """Add the `swap` of `networks` to `graph`; `faces` (B, 3, R, R). Raises NotExportable."""
    raise NotExportable(networks)


class NotExportable(TypeError):
    """No ONNX form is known for networks of this type."""

    def __init__(self, networks):
        super().__init__(f"no ONNX form for {type(networks).__name__}")
        self.networks = networks


@emit_swap.register
def _(networks: Df, graph: Graph, faces: str) -> Swap:
    code = emit(networks.inter, graph, emit(networks.encoder, graph, faces))
    src, dst = networks.decoder_src, networks.decoder_dst
    return Swap(decode_face(src, graph, code), decode_mask(src, graph, code), decode_mask(dst, graph, code))


@emit_swap.register
def _(networks: Liae, graph: Graph, faces: str) -> Swap:
    vector = emit(networks.encoder, graph, faces)
    ab, b = (emit(inter, graph, vector) for inter in (networks.inter_ab, networks.inter_b))
    swap_code, dst_code = (graph.add("Concat", first, ab, axis=1) for first in (ab, b))
    decoder = networks.decoder
    return Swap(
        decode_face(decoder, graph, swap_code),
        decode_mask(decoder, graph, swap_code),
        decode_mask(decoder, graph, dst_code),
    )


@emit_swap.register
def _(networks: AmpNetworks, graph: Graph, faces: str) -> Swap:
    """Takes a second input, one morph value for all faces of a run."""
    morph = graph.add_input(MORPH_INPUT, (1,))
    vector = emit(networks.encoder, graph, faces)
    src, dst = (emit(inter, graph, vector) for inter in (networks.inter_src, networks.inter_dst))
    swap_code = graph.to_half(choose_channels(graph, src, dst, count=networks.inter_dims, morph=morph))
    decoder = networks.decoder
    return Swap(
        decode_face(decoder, graph, swap_code),
        decode_mask(decoder, graph, swap_code),
        decode_mask(decoder, graph, graph.to_half(dst)),
    )


def emit_corrected_swap(model: Model, graph: Graph, faces: str) -> Swap:
    """As `model.swap` does it: with its `corrections`, which follow the morph where there is one. Raises NotExportable."""
    corrections, least = model.corrections, 0.0 if isinstance(model.networks, AmpNetworks) else 1.0
    moves, mask_moves = (
        [move(morph) for morph in (least, 1.0)] for move in (corrections.morphed, corrections.dst_mask_to)
    )
    swap = emit_swap(model.networks, graph, emit_moved_between(graph, faces, *moves, morph=MORPH_INPUT, channels=3))
    mask = emit_moved_between(graph, swap.dst_mask, *mask_moves, morph=MORPH_INPUT, channels=1)
    return swap._replace(dst_mask=mask)


def build_dfm(model: Model, *, quantized: bool) -> onnx.ModelProto:
    """The swap of `model` for live programs.

    quantized  convolutions in float16 (models.md 2.1): half the size, faster on graphics cards
    Pictures (B, R, R, 3) and masks (B, R, R, 1) are float32 either way. Raises NotExportable, TooLarge.
    """
    graph, side = Graph(half=quantized), model.resolution
    faces = graph.add_input(FACE_INPUT, (BATCH, side, side, 3))
    swap = emit_corrected_swap(model, graph, graph.add("Transpose", faces, perm=[0, 3, 1, 2]))
    for name, value, channels in zip(OUTPUTS, (swap.dst_mask, swap.bgr, swap.prd_mask), (1, 3, 1), strict=True):
        graph.add_output(name, graph.add("Transpose", value, perm=[0, 2, 3, 1]), (BATCH, side, side, channels))
    return graph.finish("dfm")


def write_dfm(path: Path, dfm: onnx.ModelProto) -> None:
    """Write the file, and read it back through ONNX' own checker, which raises onnx.checker.ValidationError."""
    path.write_bytes(dfm.SerializeToString())
    onnx.checker.check_model(as_source(path), full_check=True)


def as_source(path: Path) -> str | bytes:
    """The name of the file; its content where the name is no text, such as GBK on a UTF-8 system: both libraries take only text."""
    name = str(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        return path.read_bytes()
    return name


def compare(path: Path, model: Model, faces: np.ndarray) -> Difference:
    """What the file at `path` makes of `faces` (B, R, R, 3), against `model` itself; AMP at CHECKED_MORPHS, the worst counts."""
    import onnxruntime

    session = onnxruntime.InferenceSession(as_source(path), providers=["CPUExecutionProvider"])
    takes_morph = any(one.name == MORPH_INPUT for one in session.get_inputs())
    runs = [(morph,) for morph in CHECKED_MORPHS] if takes_morph else [()]
    found = [difference(session, model, faces, *run) for run in runs]
    return Difference(*(float(np.max(column)) for column in zip(*found, strict=True)))


def difference(session, model: Model, faces: np.ndarray, *morph: float) -> Difference:
    """One run of an open file against one of `model`; `morph` only for AMP."""
    feed = {FACE_INPUT: faces}
    if morph:
        feed[MORPH_INPUT] = np.float32(morph)
    dst_mask, bgr, prd_mask = session.run(list(OUTPUTS), feed)
    swap = model.swap(faces, *morph)
    face, *masks = (
        np.abs(one - other) for one, other in ((bgr, swap.bgr), (prd_mask, swap.prd_mask), (dst_mask, swap.dst_mask))
    )
    return Difference(float(face.max()), float(face.mean()), float(np.max(masks)))
