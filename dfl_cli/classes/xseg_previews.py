"""Previews of XSeg: the labels, what the network says of them, and of other faces (models.md 6.4). Pure."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dfl_cli.classes.preview import Preview, mosaic, rows_shown

GREEN = np.array([0, 1, 0], np.float32)  # BGR


class XSegFaces(NamedTuple):
    """What previews show, float32 0..1."""

    picture: np.ndarray  # (B, R, R, 3) that are trained on
    mask: np.ndarray  # (B, R, R, 1) their labels; in pretraining the pictures in gray
    examples: Mapping[str, np.ndarray]  # name of a face set -> (n, R, R, 3) a few of its faces

    def first(self, count: int) -> "XSegFaces":
        """At most `count` of each."""
        examples = {name: pictures[:count] for name, pictures in self.examples.items()}
        return XSegFaces(self.picture[:count], self.mask[:count], examples)


def xseg_previews(model_class: str, model, faces: XSegFaces, *, pretrain: bool) -> list[Preview]:
    """A row per face. Three columns: the labels or the face alone, the predicted mask, the face with it."""
    faces = faces.first(rows_shown(*faces.picture.shape[:2]))
    predicted = model.view(faces.picture)["mask"]
    name = f"{model_class} training faces"
    if pretrain:
        return [preview(name, faces.picture, in_color(predicted))]
    found = [preview(name, overlaid(faces.picture, faces.mask), *shown(faces.picture, predicted))]
    for side, pictures in faces.examples.items():
        found.append(preview(f"{model_class} {side} faces", pictures, *shown(pictures, model.view(pictures)["mask"])))
    return found


def preview(name: str, *columns: np.ndarray) -> Preview:
    return Preview(name, mosaic(columns), rows=len(columns[0]))


def shown(pictures: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return in_color(masks), overlaid(pictures, masks)


def in_color(masks: np.ndarray) -> np.ndarray:
    """(n, H, W, 1) -> (n, H, W, 3), gray."""
    return np.repeat(masks, 3, axis=-1)


def overlaid(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """`pictures` in the mask as they are, half green outside."""
    return pictures * masks + 0.5 * (pictures + GREEN) * (1 - masks)
