"""Where samples of labeled faces become arguments of an XSeg model."""

from collections.abc import Mapping, Sequence

import numpy as np

from dfl_cli.classes.pair_feed import cache_bytes
from dfl_cli.classes.preview import rows_shown
from dfl_cli.classes.xseg_measure import MaskAgreement
from dfl_cli.errors import UserError
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import listed, ntr, tr
from models.classes.xseg_batch import XSegBatch
from models.model_class import faces_per_iteration
from samplers.face_cache import FaceCache
from samplers.files.faces import Faceset, UnreadableImage
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare_picture
from samplers.xseg.batches import XSegBatches, XSegPretrainBatches
from samplers.xseg.held_out import Split, split_labeled
from samplers.xseg.labeled_face import NoLabels, has_polygons, labeled_faces


class XSegFeed:
    """Endless batches of labeled faces of all face sets together; while a model is pretrained, of all faces.

    Number n is the same for the same seed, wherever a session starts. Raises NoLabels.
    """

    def __init__(self, faces: Mapping[str, Faceset], options: Mapping, *, seed: int, start: int):
        sets, kind = distinct(faces), XSegPretrainBatches
        if not options["pretrain"]:
            sets, kind = [parted(faces, options).training], XSegBatches
        self.batches = kind(
            sets,
            face_type=FaceType.from_short(options["face_type"]),
            batch_size=faces_per_iteration(options),
            seed=seed,
            start=start,
            resolution=options["resolution"],
            cache=FaceCache(cache_bytes(options)),
        )

    def __next__(self) -> XSegBatch:
        return XSegBatch(*next(self.batches))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.batches.close()

    @property
    def skipped(self) -> list:
        """Pictures that turned out to be undecodable while training."""
        return self.batches.skipped


def distinct(faces: Mapping[str, Faceset]) -> list[Faceset]:
    """The face sets, each once: a set may have several names."""
    return list({id(one): one for one in faces.values()}.values())


def parted(faces: Mapping[str, Faceset], options: Mapping) -> Split:
    """The labeled faces that are trained on, and those held out. Raises NoLabels."""
    return split_labeled(distinct(faces), options["held_out"])


def open_agreement(faces: Mapping[str, Faceset], options: Mapping) -> MaskAgreement | None:
    """None where no faces are held out."""
    split, kind = parted(faces, options), FaceType.from_short(options["face_type"])
    return MaskAgreement(split, resolution=options["resolution"], face_type=kind) if split.held_out else None


def label_lines(faces: Mapping[str, Faceset], options: Mapping) -> list[str]:
    """How many faces have labels. Raises UserError where none has."""
    sets = distinct(faces)
    count = sum(map(len, sets))
    try:
        found = labeled_faces(sets)
    except NoLabels:
        raise no_labels(sets, count) from None
    if has_polygons(found[0]):
        line = ntr("{count} labeled face of {all}.", "{count} labeled faces of {all}.", count=len(found), all=count)
    else:
        line = ntr(
            "No face is labeled: {count} face of {all} with an XSeg mask is used instead.",
            "No face is labeled: {count} faces of {all} with an XSeg mask are used instead.",
            count=len(found),
            all=count,
        )
    return [line, *held_out_lines(split_labeled(sets, options["held_out"]))]


def held_out_lines(split: Split) -> list[str]:
    count = len(split.held_out)
    if not count:
        return []
    return [
        ntr(
            "{count} labeled face is held out to measure the masks; {trained} are trained on.",
            "{count} labeled faces are held out to measure the masks; {trained} are trained on.",
            count=count,
            trained=len(split.training),
        )
    ]


def no_labels(sets: Sequence[Faceset], count: int) -> UserError:
    folder = sets[0].folder
    return UserError(
        tr("No face has XSeg labels."),
        saw=ntr(
            "{count} face without polygons and mask in {folders}",
            "{count} faces without polygons and masks in {folders}",
            count=count,
            folders=listed(str(one.folder) for one in sets),
        ),
        fix=tr("Label some of them first: dfl xseg edit {folder}", folder=quoted(folder)),
    )


def read_examples(faces: Mapping[str, Faceset], options: Mapping, *, seed: int, most: int) -> dict[str, np.ndarray]:
    """A few faces of each set at random, as they are, by the name of the set: (n, R, R, 3) 0..1."""
    resolution, kind = options["resolution"], FaceType.from_short(options["face_type"])
    rng, count = np.random.default_rng(seed), rows_shown(most, resolution)
    found = {}
    for name, one in faces.items():
        pictures: list[np.ndarray] = []
        for index in rng.permutation(len(one)):
            if len(pictures) == count:
                break
            try:
                pictures.append(prepare_picture(one[index], resolution, kind))
            except (UnreadableImage, FlatLandmarks):
                continue  # reported by whoever trains on it
        if pictures:
            found[name] = np.clip(np.stack(pictures), 0, 1)
    return found
