"""XSeg's training samples against those of the reference program, and what holds for every sample."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import FEW, assert_same_pixels
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.xseg.label_sampler import LabelSample, LabelSampler
from samplers.xseg.labeled_face import LabeledFace

PIXEL = 1e-5
FEW_WITHIN = 0.03  # where a level went over an edge before JPEG


class Queue:
    """The reference's order of faces: shuffled by the generator of the samples, taken from the end."""

    def __init__(self, faces, rng):
        self.faces, self.rng, self.queue = faces, rng, []

    def __call__(self):
        if not self.queue:
            self.queue = list(range(len(self.faces)))
            self.rng.shuffle(self.queue)
        return self.faces[self.queue.pop()]


def empty(side):
    return LabelSample(np.empty((side, side, 3), np.float32), np.empty((side, side, 1), np.float32))


def references(folder, case, faces):
    """(pictures, masks) of a recorded case, drawn as the reference draws them, and the number drawn after."""
    fact = json.loads((folder / "generator.json").read_text())[case]
    sampler = LabelSampler(fact["res"], FaceType.FULL if case.startswith("f256") else FaceType.WHOLE)
    wanted = "0001" if case.startswith("xsegmask") else "0000"
    prepared = [sampler.prepare(face) for face in faces if face.name.startswith(wanted)]
    rng = np.random.RandomState(fact["seed"])
    labeled, background = Queue(prepared, rng), Queue(prepared, rng)
    samples = [empty(fact["res"]) for _ in range(fact["batch"])]
    for sample in samples:
        sampler.draw(labeled(), rng, background, sample)
    pictures, masks = (np.stack(arrays) for arrays in zip(*samples, strict=True))
    assert rng.randint(2**31) == fact["rng_after"]  # exactly as many numbers were drawn
    return pictures, masks


@pytest.fixture(scope="module")
def faces(fixtures):
    found = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)
    return [face for face in found if face.polygons or face.has_xseg_mask]


def check(folder, case, faces):
    recorded = np.load(folder / "generator.npz")
    pictures, masks = references(folder, case, faces)
    sampled = recorded[f"{case}.img_sub4"]
    ours = pictures[:, 1::4, 2::4]
    step = ours.shape[1] // sampled.shape[1]  # the repository holds every second of these pixels
    assert_same_pixels(ours[:, ::step, ::step], sampled, within=PIXEL, few=FEW, few_within=FEW_WITHIN, err_msg=case)
    np.testing.assert_array_equal(masks[..., 0], np.unpackbits(recorded[f"{case}.mask"], axis=-1))


@pytest.mark.parametrize("case", ["wf256_s2", "wf256_batch4_s10", "f256_s20", "wf128_s30", "xsegmask_wf256_s40"])
def test_samples_are_the_references(fixtures, faces, case):
    check(fixtures / "xseg", case, faces)


def test_every_recorded_sample_is_the_references(shared, faces):
    cases = list(json.loads((shared / "fixtures" / "xseg" / "generator.json").read_text()))
    assert len(cases) == 10
    for case in cases:
        check(shared / "fixtures" / "xseg", case, faces)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), resolution=st.sampled_from([16, 32, 64, 96]), behind=st.integers(0, 3))
def test_every_sample_is_a_picture_and_a_mask_of_0_and_1(faces, seed, resolution, behind):
    sampler = LabelSampler(resolution, FaceType.WHOLE)
    face, other = sampler.prepare(faces[1]), sampler.prepare(faces[behind])
    kept = [array.copy() for array in (*face, *other)]
    sample = empty(resolution)
    sampler.draw(face, np.random.RandomState(seed), lambda: other, sample)
    assert 0 <= sample.picture.min() <= sample.picture.max() <= 1
    assert set(np.unique(sample.mask)) <= {0, 1}
    for array, before in zip((*face, *other), kept, strict=True):
        np.testing.assert_array_equal(array, before)


def test_the_mask_moves_with_the_picture(faces):
    """A picture that is white where its label is: what is left of it after colors and blur still lies there."""
    sampler = LabelSampler(128, FaceType.WHOLE)
    mask = sampler.prepare(faces[0]).mask
    white = LabeledFace(np.repeat(mask, 3, axis=2), mask)
    sample, inside = empty(128), []
    for seed in range(40):
        sampler.draw(white, np.random.RandomState(seed), lambda: white, sample)
        gray = sample.picture.mean(axis=2)
        on, off = gray[sample.mask[..., 0] == 1], gray[sample.mask[..., 0] == 0]
        inside.append(on.mean() - off.mean())
    assert np.mean(np.array(inside) > 0.2) > 0.9


def test_another_background_is_asked_for_half_the_time_and_never_covers_the_face(faces):
    sampler = LabelSampler(64, FaceType.WHOLE)
    face, asked = sampler.prepare(faces[0]), []
    black = LabeledFace(np.zeros((64, 64, 3), np.float32), np.zeros((64, 64, 1), np.float32))
    for seed in range(200):
        sampler.draw(face, np.random.RandomState(seed), lambda: asked.append(1) or black, empty(64))
    assert 75 < len(asked) < 125
