"""COCO's format: one JSON file about all pictures (https://cocodataset.org/#format-data)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.text_files.schema import Anything, Fields, ListOf, Optional, Whole, Words, WrongField
from dfl_cli.translate import tr
from dfl_cli.xseg.exchange import run_lengths
from dfl_cli.xseg.exchange.shapes import NAMES, LabeledPicture, Shape, Unusable, area_points
from samplers.files.image_codec import LARGEST_SIDE
from samplers.geometry.polygons import Polygon, PolygonType

CATEGORY_IDS = {PolygonType.INCLUDE: 1, PolygonType.EXCLUDE: 2}
SIDE = Optional(Whole(1, LARGEST_SIDE))
PICTURE = Fields({"id": Anything(), "file_name": Words()}, {"width": SIDE, "height": SIDE})
CATEGORY = Fields({"id": Anything(), "name": Words()})


class Exported(NamedTuple):
    """A face as it goes into the file: its polygons, or the mask (H, W) of one that has none."""

    name: str
    shape: tuple[int, int]  # height, width
    polygons: Sequence[Polygon]
    mask: np.ndarray | None = None


def is_coco(value: object) -> bool:
    return isinstance(value, dict) and "images" in value and "annotations" in value


def to_coco(faces: Sequence[Exported]) -> dict:
    """The content of a file about `faces`."""
    pictures, annotations = [], []
    for number, face in enumerate(faces, start=1):
        height, width = face.shape
        pictures.append({"id": number, "file_name": face.name, "width": width, "height": height})
        areas = [polygon_annotation(polygon) for polygon in face.polygons]
        if face.mask is not None:
            areas.append(mask_annotation(face.mask))
        annotations += [{"id": len(annotations) + place, "image_id": number, **area, "iscrowd": 0}
                        for place, area in enumerate(areas, start=1)]  # fmt: skip
    categories = [{"id": number, "name": NAMES[kind], "supercategory": "face"} for kind, number in CATEGORY_IDS.items()]
    return {"images": pictures, "annotations": annotations, "categories": categories}


def polygon_annotation(polygon: Polygon) -> dict:
    points = polygon.points.astype(np.float64)
    corner = points.min(axis=0)
    return {
        "category_id": CATEGORY_IDS[polygon.type],
        "segmentation": [points.ravel().tolist()],
        "area": float(cv2.contourArea(np.float32(points))),
        "bbox": [*corner.tolist(), *(points.max(axis=0) - corner).tolist()],
    }


def mask_annotation(mask: np.ndarray) -> dict:
    left, top, width, height = cv2.boundingRect(np.uint8(mask))
    return {
        "category_id": CATEGORY_IDS[PolygonType.INCLUDE],
        "segmentation": run_lengths.encode(mask),
        "area": int(np.count_nonzero(mask)),
        "bbox": [left, top, width, height],
    }


def from_coco(value: dict, path: Path) -> Iterator[LabeledPicture]:
    """What the parsed file at `path` says, picture by picture; pictures without annotations are left out. Raises WrongField."""
    Fields({"images": ListOf(Anything()), "annotations": ListOf(Anything())}, {"categories": ListOf(CATEGORY)}).check(
        value, ""
    )
    labels = {key(each["id"]): each["name"] for each in value.get("categories", [])}
    annotations: dict = {}
    for each in value["annotations"]:
        if isinstance(each, dict):
            annotations.setdefault(key(each.get("image_id")), []).append(each)
    for number, picture in enumerate(value["images"]):
        try:
            PICTURE.check(picture, f"images[{number}]")
        except WrongField as error:
            yield LabeledPicture(path.name, (), None, Unusable(error.problem))
            continue
        if found := annotations.get(key(picture["id"])):
            sides = picture.get("height"), picture.get("width")
            size = sides if all(sides) else None
            yield LabeledPicture(path.name, (picture["file_name"],), size, shapes_of(found, labels, size))


def key(value: object) -> object:
    """An id as a key; None for what cannot be an id."""
    return value if isinstance(value, (int, str)) and not isinstance(value, bool) else None


def shapes_of(found: list[dict], labels: dict, size: tuple[int, int] | None) -> tuple[Shape, ...] | Unusable:
    try:
        return tuple(shape for each in found for shape in shapes_in(each, labels, size))
    except Unusable as error:
        return error


def shapes_in(annotation: dict, labels: dict, size: tuple[int, int] | None) -> list[Shape]:
    """The areas of one annotation. Raises Unusable."""
    category = key(annotation.get("category_id"))
    label = labels.get(category, str(category))
    area = annotation.get("segmentation")
    if isinstance(area, dict):
        mask = run_lengths.decode(area)
        if size and mask.shape != tuple(size):
            raise Unusable(tr("its mask is damaged"))
        return [Shape(label, None, mask)]
    problem = tr("an annotation without an area")
    if not isinstance(area, list) or not area:
        raise Unusable(problem)
    parts = area if isinstance(area[0], list) else [area]
    return [Shape(label, area_points(part, problem)) for part in parts]
