"""How well masks of an XSeg model agree with labels it is not trained on."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from samplers.files.face import Face, UnreadableImage
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType
from samplers.pose_coverage import evenly
from samplers.xseg.held_out import Split
from samplers.xseg.labeled_face import prepare_labeled

MOST = 64  # held-out faces that are measured: seconds on a CPU
AT_ONCE = 8  # faces
INSIDE = 0.5  # masks are 1 from here on


class MaskAgreement:
    """Intersection over union of the mask and the label of every held-out face, see `Measure` of train/measures/measuring.py."""

    name = "IoU"

    def __init__(self, faces: Split, *, resolution: int, face_type: FaceType):
        self.examples = len(faces.training)
        self.faces = {}
        for face in evenly(faces.held_out, MOST):
            try:
                self.faces[identity(face)] = prepare_labeled(face, resolution, face_type)
            except (UnreadableImage, FlatLandmarks):
                continue  # reported where faces are loaded, or nothing can be measured on it

    def values(self, model) -> dict[str, float]:
        keys, found = list(self.faces), {}
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            with model.averaged():
                masks = model.view(np.stack([self.faces[key].image for key in part]))["mask"]
            found |= {key: agreement(mask, self.faces[key].mask) for key, mask in zip(part, masks, strict=True)}
        return found


def agreement(mask: np.ndarray, label: np.ndarray) -> float:
    """Intersection over union; 1 where neither marks anything."""
    painted, drawn = mask >= INSIDE, label >= INSIDE
    union = (painted | drawn).sum()
    return float((painted & drawn).sum() / union) if union else 1.0


def identity(face: Face) -> str:
    """What a face is known by, whatever its file is called and its labels are."""
    source = (face.source_filename or "").encode("utf-8", "surrogatepass")
    return blake2b(source + face.landmarks.tobytes(), digest_size=8).hexdigest()
