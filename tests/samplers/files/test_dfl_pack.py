"""Packs: all faces in one file, in and out, whatever stands in it."""

import io
import pickle
import shutil
import struct
from enum import IntEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.files.dfl_pack import PACK_NAME, FaceFile, read_pack, safe_name, unpack, write_pack
from samplers.files.faces import NoFaces, UnreadableImage, open_faceset
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle


@pytest.fixture
def pictures(fixtures):
    return sorted((fixtures / "formats").glob("*.jpg"))


@pytest.fixture
def written(tmp_path, pictures):
    path = tmp_path / PACK_NAME
    write_pack(path, [FaceFile(each) for each in pictures])
    return path


def parts(pack: bytes) -> tuple[bytes, tuple[int, ...], bytes]:
    """The pickled list, the offsets, the pictures."""
    version, length = struct.unpack_from("<QQ", pack)
    assert version == 1
    count = len(safe_pickle.loads(pack[16 : 16 + length]))
    return (
        pack[16 : 16 + length],
        struct.unpack_from(f"<{count + 1}Q", pack, 16 + length),
        pack[16 + length + 8 * (count + 1) :],
    )


def pack_of(configs: object, *, offsets: tuple[int, ...] = (0, 0), pictures: bytes = b"") -> bytes:
    pickled = pickle.dumps(configs, 4)
    return struct.pack("<QQ", 1, len(pickled)) + pickled + struct.pack(f"<{len(offsets)}Q", *offsets) + pictures


def test_the_reference_s_pack_holds_the_pictures_byte_for_byte(fixtures, pictures):
    entries = read_pack(fixtures / "formats" / PACK_NAME)
    assert [each.jpeg.read() for each in entries] == [path.read_bytes() for path in pictures]


def test_the_recorded_pack_has_the_last_offset_that_is_too_large(fixtures):
    pack = (fixtures / "formats" / PACK_NAME).read_bytes()
    _, offsets, pictures = parts(pack)
    assert offsets[-1] == len(pack) > len(pictures)


def test_a_written_pack_has_the_reference_s_parts(fixtures, written):
    ours, theirs = written.read_bytes(), (fixtures / "formats" / PACK_NAME).read_bytes()
    (our_configs, our_offsets, our_pictures), (their_configs, their_offsets, their_pictures) = (
        parts(ours),
        parts(theirs),
    )
    assert our_pictures == their_pictures
    assert our_offsets[:-1] == their_offsets[:-1]
    assert our_offsets[-1] == len(our_pictures)
    for our, their in zip(safe_pickle.loads(our_configs), safe_pickle.loads(their_configs), strict=True):
        assert list(our) == list(their)
        assert safe_pickle.dumps(our) == safe_pickle.dumps(their)


class SampleType(IntEnum):
    FACE = 1


class WholeFace(IntEnum):
    WHOLE = 4


class ReferenceUnpickler(pickle.Unpickler):
    """Finds classes as the reference's modules would give them, NumPy only under its old module names."""

    def find_class(self, module, name):
        enums = {("samplelib.Sample", "SampleType"): SampleType, ("facelib.FaceType", "FaceType"): WholeFace}
        if module.startswith("numpy._core"):
            raise ImportError(module)
        return enums.get((module, name)) or super().find_class(module.replace("numpy.core", "numpy._core"), name)


def test_the_reference_could_load_what_is_written(written):
    configs = ReferenceUnpickler(io.BytesIO(parts(written.read_bytes())[0])).load()
    assert [config["sample_type"] for config in configs] == [SampleType.FACE] * 4
    assert {type(config["face_type"]) for config in configs} == {WholeFace}
    assert isinstance(configs[0]["landmarks"], list)
    assert isinstance(configs[1]["xseg_mask_compressed"], np.ndarray)


def test_packing_and_unpacking_gives_the_files_back(tmp_path, written, pictures):
    out = unpack(written, tmp_path / "out")
    assert [path.read_bytes() for path in out] == [path.read_bytes() for path in pictures]
    again = unpack(written, tmp_path / "out")
    assert [path.name for path in again] == [f"{path.stem}_2.jpg" for path in pictures]


def test_people_become_folders(tmp_path, pictures):
    path = tmp_path / PACK_NAME
    write_pack(path, [FaceFile(pictures[0], "anna"), FaceFile(pictures[1], "bert")])
    assert [each.name for each in open_faceset(tmp_path)] == ["anna/00000_0.jpg", "bert/00001_0.jpg"]
    assert [str(each.relative_to(tmp_path)) for each in unpack(path, tmp_path)] == [
        "anna/00000_0.jpg",
        "bert/00001_0.jpg",
    ]


@pytest.mark.parametrize(
    ("person", "filename", "inside"),
    [
        (None, "../../etc/passwd", "passwd"),
        (None, "/etc/passwd", "passwd"),
        (None, "C:\\Windows\\system.ini", "system.ini"),
        ("..", "a.jpg", "face/a.jpg"),
        ("../..", "..", "face/face"),
        (None, "a\0b\n.jpg", "ab.jpg"),
        (None, "CON:.jpg", "CON.jpg"),
        (7, None, "face.jpg"),
    ],
)
def test_names_in_a_pack_stay_in_its_folder(person, filename, inside):
    assert safe_name(person, filename) == inside


@given(st.text() | st.none(), st.text() | st.none())
def test_no_name_leads_out(person, filename):
    name = safe_name(person, filename)
    assert name
    assert "\\" not in name
    assert all(part not in ("", ".", "..") for part in name.split("/"))


def test_unpacking_a_hostile_name_writes_inside(tmp_path, pictures):
    picture = pictures[0].read_bytes()
    pack = tmp_path / "in" / PACK_NAME
    pack.parent.mkdir()
    pack.write_bytes(pack_of([{"filename": "../../evil.jpg"}], offsets=(0, len(picture)), pictures=picture))
    (written,) = unpack(pack, tmp_path / "in" / "out")
    assert written == tmp_path / "in" / "out" / "evil.jpg"
    assert not (tmp_path / "evil.jpg").exists()


def test_a_plain_mask_in_a_pack_is_read(tmp_path, pictures):
    picture = pictures[0].read_bytes()
    config = {
        "filename": "a.jpg",
        "face_type": 4,
        "landmarks": np.random.RandomState(0).rand(68, 2) * 255,
        "xseg_mask": np.ones((16, 16, 1), np.float32),
    }
    (tmp_path / PACK_NAME).write_bytes(pack_of([config], offsets=(0, len(picture)), pictures=picture))
    each = open_faceset(tmp_path)[0]
    assert each.shape == (256, 256)  # the pack does not say, the picture does
    assert each.read_xseg_mask().min() == 1


def test_what_stands_in_the_place_of_a_mask_is_a_damaged_mask(tmp_path, pictures):
    picture = pictures[0].read_bytes()
    landmarks = np.random.RandomState(0).rand(68, 2) * 255
    config = {"filename": "a.jpg", "face_type": 4, "landmarks": landmarks, "xseg_mask_compressed": "text"}
    (tmp_path / PACK_NAME).write_bytes(pack_of([config], offsets=(0, len(picture)), pictures=picture))
    with pytest.raises(UnreadableImage, match="damaged-mask"):
        open_faceset(tmp_path)[0].read_xseg_mask()


MASK = np.ones((512, 512, 1), np.uint8)
FLAT = np.ones(2**18, np.uint8)
COUNT = 100_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (
            pack_of([{} for _ in range(200)], offsets=(0, 9999) * 100 + (0,), pictures=bytes(9999)),
            "damaged: its faces overlap",
        ),
        (
            pack_of([{"filename": "a.jpg"} for _ in range(COUNT)], offsets=(0,) * (COUNT + 1)),  # 2 MB, 300 in memory
            "damaged: more faces than its length can hold",
        ),
        (
            pack_of([{"xseg_mask": MASK} for _ in range(500)], offsets=(0,) * 501),
            "damaged: its masks overlap",
        ),
        (
            pack_of([{"xseg_mask_compressed": FLAT} for _ in range(500)], offsets=(0,) * 501),
            "damaged: its masks overlap",
        ),
        (struct.pack("<QQ", 2, 0), "damaged: pack version 2"),
        (struct.pack("<QQ", 1, 2**60), "truncated"),
        (pack_of([{}] * 9, offsets=(0,)), "truncated"),
        (pack_of({"a": 1}), "damaged: not a list of faces"),
        (pack_of([3]), "damaged: not a list of faces"),
        (struct.pack("<QQ", 1, 11) + b"cos\nsystem\n.", "hostile: os.system"),
    ],
)
def test_a_pack_that_cannot_be_read_is_named_with_its_reason(tmp_path, content, reason):
    (tmp_path / PACK_NAME).write_bytes(content)
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert [(each.name, str(each.reason)) for each in error.value.skipped] == [(PACK_NAME, reason)]


def test_one_face_of_a_pack_may_be_broken(tmp_path, fixtures):
    pack = bytearray((fixtures / "formats" / PACK_NAME).read_bytes())
    (tmp_path / PACK_NAME).write_bytes(pack[: len(pack) - 1000])  # the last picture lost its end
    faces = open_faceset(tmp_path)
    assert len(faces) == 4
    assert [each.read().shape for each in faces[:3]] == [(256, 256, 3)] * 3
    with pytest.raises(Exception, match="truncated"):
        faces[3].read()


@given(st.data())
@settings(max_examples=60)
def test_a_damaged_pack_fails_in_known_ways_only(fixtures, tmp_path_factory, data):
    original = (fixtures / "formats" / PACK_NAME).read_bytes()
    head = len(original) - 78_000  # most of what can go wrong is before the pictures
    pack = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        pack[data.draw(st.integers(0, head))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("pack") / PACK_NAME
    path.write_bytes(pack[: data.draw(st.integers(0, len(pack)) | st.just(len(pack)))])
    try:
        for each in read_pack(path):
            each.jpeg.read()
    except (Damaged, UnsafePickle):
        pass
    finally:
        shutil.rmtree(path.parent)


def test_a_sparse_pack_that_declares_a_pickle_of_a_terabyte_is_not_read(tmp_path):
    with (tmp_path / PACK_NAME).open("wb") as file:
        file.write(struct.pack("<QQ", 1, 2**39) + b"\x80\x04")
        file.truncate(2**40)
    with pytest.raises(NoFaces) as error:
        open_faceset(tmp_path)
    assert str(error.value.skipped[0].reason) == "unreadable: the file is too large"
