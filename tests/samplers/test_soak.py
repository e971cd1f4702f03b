"""Readers of strangers' files against damage, for as long as they are given: `make soak`, ten minutes."""

import contextlib
import os
import random
import resource
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from samplers.batches import Batches
from samplers.face_cache import FaceCache
from samplers.files import face_index, image_codec
from samplers.files.dfl_image import FaceDataTooLarge, read_face_info, read_fields, write_fields
from samplers.files.dfl_pack import PACK_NAME
from samplers.files.face_index import INDEX_NAME, read_index
from samplers.files.faces import READ_ERRORS, NoFaces, UnreadableImage, open_faceset
from samplers.files.pickles import safe_pickle
from samplers.geometry.face_types import FaceType
from samplers.spec import SampleSpec

SECONDS = float(os.environ.get("DFL_SOAK_SECONDS", "600"))  # of all readers together
LARGEST_GROWTH = 600 << 20  # bytes of memory while reading; a picture may have 8192 x 8192 pixels
SPEC = SampleSpec(
    resolution=64,
    face_type=FaceType.WHOLE,
    random_flip=True,
    random_warp=True,
    ct_mode="none",
    exact_ct=False,
    random_hsv_power=0.0,
    centered_warp=False,
    smooth_resize=False,
)
PIECES = [
    *[
        bytes([code])
        for code in b"()]}0.NKMJGCXUTBabtRsue12lhjqrg\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8b\x8c\x93\x94\x95"
    ],
    *[
        b"cnumpy\nndarray\n",
        b"cnumpy\ndtype\n",
        b"c_codecs\nencode\n",
        b"cos\nsystem\n",
        b"\x8c\x02f4",
        b"K\x00",
        b"h\x00",
    ],
    *[
        b"cnumpy.core.multiarray\n_reconstruct\n",
        b"cnumpy.core.multiarray\nscalar\n",
        b"\x8e\xff\xff\xff\xff\xff\x00\x00\x00",
    ],
]


def mutated(rng: random.Random, sound: bytes) -> bytes:
    """`sound` with bytes changed, pieces cut out, doubled or moved, or cut off."""
    changed = bytearray(sound)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        at = rng.randrange(len(changed))
        kind = rng.randrange(6)
        if kind < 3:
            changed[at] = rng.choice([0, 255, 128, rng.randrange(256), changed[at] ^ 1 << rng.randrange(8)])
        elif kind == 3:
            changed[at : at + 4] = rng.choice([b"\xff" * 4, bytes(4), rng.randbytes(4), b"\x7f\xff\xff\xff"])
        elif kind == 4:
            del changed[at : at + rng.choice([1, 2, 100])]
        else:
            changed[at:at] = changed[at : at + rng.choice([1, 8, 1000])]
        if not changed:
            return b""
    return bytes(changed[: rng.randrange(len(changed)) + 1]) if rng.random() < 0.15 else bytes(changed)


def early(rng: random.Random, sound: bytes) -> bytes:
    """Damage in the first bytes, where the structure is and not the pixels."""
    start = rng.choice([200, 2000, 20000])
    return mutated(rng, sound[:start]) + sound[start:]


def read_pickle(rng, content, folder):
    safe_pickle.dumps(safe_pickle.loads(content))


def read_picture(rng, content, folder):
    image_codec.decode_bgr(content)


def read_info(rng, content, folder):
    read_face_info(content)
    with contextlib.suppress(FaceDataTooLarge):
        write_fields(content, read_fields(content))


def read_folder(rng, content, folder, name):
    (folder / name).write_bytes(content)
    try:
        faces = open_faceset(folder)
    except NoFaces:
        return
    for face in faces:
        try:
            face.read()
            face.read_xseg_mask()
        except UnreadableImage:
            pass


def read_pack(rng, content, folder):
    read_folder(rng, content, folder, PACK_NAME)


def read_face_file(rng, content, folder):
    read_folder(rng, content, folder, "face.jpg")


def read_face_index(rng, content, folder):
    """The checksum is made right, so that the damage behind it is read."""
    head = len(face_index.MAGIC) + face_index.DIGEST_BYTES
    length = int.from_bytes(content[head : head + 8], "little")
    if length < 2**32:
        body = content[head + 8 :]
        content = content[: len(face_index.MAGIC)] + face_index._digest([body]) + content[head:]
    (folder / INDEX_NAME).write_bytes(content)
    read_index(folder)


def opcodes(rng, sound):
    return b"\x80\x04" + b"".join(rng.choice(PIECES) for _ in range(rng.randrange(60))) + b"."


@pytest.fixture
def sound(fixtures, tmp_path, monkeypatch) -> dict[str, list[bytes]]:
    """Whole files of each kind."""
    formats = fixtures / "formats"
    jpegs = [path.read_bytes() for path in sorted(formats.glob("*.jpg"))]
    monkeypatch.setattr("samplers.files.faces.SMALLEST_SET", 1)
    indexed = tmp_path / "indexed"
    indexed.mkdir()
    for path in formats.glob("*.jpg"):
        shutil.copy(path, indexed)
    open_faceset(indexed)
    index = (indexed / INDEX_NAME).read_bytes()
    monkeypatch.setattr("samplers.files.faces.SMALLEST_SET", 10**9)
    return {
        "jpeg": jpegs,
        "pickle": [safe_pickle.dumps(read_fields(jpeg)) for jpeg in jpegs],
        "weights": [(formats / "SAEHD_default_options.dat").read_bytes()],
        "pack": [(formats / PACK_NAME).read_bytes()],
        "index": [index],
    }


READERS = {
    "face data": (read_pickle, "pickle", mutated),
    "opcodes": (read_pickle, "pickle", opcodes),
    "options": (read_pickle, "weights", mutated),
    "JPEG segments": (read_info, "jpeg", early),
    "pictures": (read_picture, "jpeg", mutated),
    "face files": (read_face_file, "jpeg", early),
    "packs": (read_pack, "pack", early),
    "indexes": (read_face_index, "index", mutated),
}


def fuzz(name: str, sound: dict, folder: Path, *, seconds: float, seed: int) -> Counter:
    """How many files were read whole, and why the others were not; any other error than those is the finding."""
    read, kind, damage = READERS[name]
    rng, counts, end = random.Random(seed), Counter(), time.monotonic() + seconds
    while time.monotonic() < end:
        content = damage(rng, rng.choice(sound[kind]))
        try:
            read(rng, content, folder)
            counts["read"] += 1
        except READ_ERRORS as fact:
            counts[type(fact).__name__] += 1
        except BaseException:
            (folder / "finding").write_bytes(content)
            raise
    return counts


def peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def fuzz_within_memory(name, sound, folder, *, seconds, seed) -> Counter:
    before = peak_memory()
    counts = fuzz(name, sound, folder, seconds=seconds, seed=seed)
    assert counts
    assert peak_memory() - before < LARGEST_GROWTH
    return counts


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_refused_in_known_ways(name, sound, tmp_path):
    fuzz_within_memory(name, sound, tmp_path, seconds=0.4, seed=0)


@pytest.mark.soak
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_refused_in_known_ways_for_long(name, sound, tmp_path, capsys):
    seed = random.SystemRandom().randrange(2**32)
    with capsys.disabled():
        counts = fuzz_within_memory(name, sound, tmp_path, seconds=SECONDS / len(READERS), seed=seed)
        print(f"\n{name}: {counts.total()} files (seed {seed}): {dict(counts.most_common())}")


def train_among_mutants(folder: Path, fixtures: Path, *, whole: int, mutants: int, epochs: int) -> tuple[int, int]:
    """How many mutants were trained on as well, and how many were skipped, on opening or later."""
    files = sorted((fixtures / "samplers" / "faces").glob("*.jpg"))
    for number in range(whole):
        shutil.copy(files[number % len(files)], folder / f"whole{number:04}.jpg")
    rng = random.Random(1)
    for number in range(mutants):
        damage = rng.choice([mutated, early])
        (folder / f"mutant{number:04}.jpg").write_bytes(damage(rng, rng.choice(files).read_bytes()))
    faces = open_faceset(folder)
    assert [face.name for face in faces if face.name.startswith("whole")] == [f"whole{n:04}.jpg" for n in range(whole)]
    with Batches(faces, SPEC, batch_size=8, seed=1, side="src", workers=2, cache=FaceCache(1 << 28)) as running:
        for _ in range(epochs * len(faces) // 8 + 1):
            for array in next(running):
                assert np.isfinite(array).all()
        skipped = [each.name for each in (*faces.skipped, *running.skipped)]
    assert len(skipped) == len(set(skipped))
    assert all(name.startswith("mutant") for name in skipped)
    assert len(skipped) + len(faces) - len(running.skipped) == whole + mutants
    return mutants - len(skipped), len(skipped)


def test_training_goes_on_among_damaged_files(fixtures, tmp_path):
    _trained, skipped = train_among_mutants(tmp_path, fixtures, whole=12, mutants=60, epochs=1)
    assert skipped > 10


@pytest.mark.soak
def test_a_thousand_damaged_files_leave_training_on_300_unharmed(fixtures, tmp_path, capsys):
    trained, skipped = train_among_mutants(tmp_path, fixtures, whole=300, mutants=1000, epochs=3)
    with capsys.disabled():
        print(f"\n1000 mutants among 300 faces: {skipped} skipped by name, {trained} still pictures of faces")
