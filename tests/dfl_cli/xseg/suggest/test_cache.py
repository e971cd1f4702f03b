"""What was found out about faces is there again the next time, and nothing else is believed."""

import numpy as np
import pytest

from dfl_cli.xseg.suggest.cache import Cache

COLUMNS = {"value": (np.float32, ()), "bits": (np.uint8, (2,))}
ONE, TWO = b"1" * 16, b"2" * 16
ROW = (np.float32(0.25), np.uint8([7, 9]))


@pytest.fixture
def path(tmp_path):
    cache = Cache(tmp_path / "hidden" / "doubts.npz", COLUMNS, "model at 100")
    cache.rows |= {ONE: ROW, TWO: (np.float32(1), np.uint8([0, 1]))}
    cache.save([ONE, TWO, b"3" * 16])
    return cache.path


def test_rows_come_back(path):
    rows = Cache(path, COLUMNS, "model at 100").rows
    assert set(rows) == {ONE, TWO}
    assert rows[ONE][0] == 0.25
    assert rows[ONE][1].tolist() == [7, 9]


def test_those_of_another_model_do_not(path):
    assert Cache(path, COLUMNS, "model at 200").rows == {}


def test_rows_of_faces_that_are_gone_are_dropped(path):
    cache = Cache(path, COLUMNS, "model at 100")
    cache.save([TWO])
    assert set(Cache(path, COLUMNS, "model at 100").rows) == {TWO}


@pytest.mark.parametrize(
    "columns",
    [
        {**COLUMNS, "more": (np.float32, ())},
        {"value": (np.float64, ()), "bits": (np.uint8, (2,))},
        {**COLUMNS, "bits": (np.uint8, (3,))},
    ],
)
def test_a_file_of_another_version_counts_as_none(path, columns):
    assert Cache(path, columns, "model at 100").rows == {}


@pytest.mark.parametrize("damage", [lambda whole: whole[:-30], lambda whole: b"", lambda whole: b"\x93NUMPY" + whole])
def test_a_damaged_file_counts_as_none(path, damage):
    path.write_bytes(damage(path.read_bytes()))
    assert Cache(path, COLUMNS, "model at 100").rows == {}


def test_pickles_are_not_opened(path):
    np.savez(
        path, keys=np.array([object()]), maker=np.frombuffer(b"model at 100", np.uint8), value=[0.5], bits=[[1, 2]]
    )
    assert Cache(path, COLUMNS, "model at 100").rows == {}


def test_where_nothing_can_be_written_work_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "doubts.npz", COLUMNS)
    cache.rows[ONE] = ROW
    cache.save([ONE])
    assert Cache(cache.path, COLUMNS).rows == {}
