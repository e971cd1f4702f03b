"""The journal of a merge."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.merge.journal import BEGUN, FILE_NAME, Entry, Journal, read_entries
from dfl_cli.store.lock import InUse
from samplers.files.file_range import file_fingerprint


def written(folder):
    with Journal(folder) as journal:
        journal.begin(["a", "b"])
        journal.finish("a", "digest", {"picture": "1-ff"})
    return journal.path


def test_it_remembers_what_was_begun_and_what_was_finished(tmp_path):
    written(tmp_path)
    assert Journal(tmp_path).entries == {"a": Entry("digest", {"picture": "1-ff"}), "b": BEGUN}
    assert Journal(tmp_path).latest("c") is None


def test_the_latest_line_counts(tmp_path):
    written(tmp_path)
    with Journal(tmp_path) as journal:
        journal.begin(["a"])
        assert journal.latest("a") is BEGUN
        journal.finish("a", None, {})
    assert Journal(tmp_path).latest("a") == Entry(None, {})


def test_only_one_merge_writes_into_a_folder_at_a_time(tmp_path):
    with Journal(tmp_path) as first, Journal(tmp_path) as second:
        first.begin(["a"])
        with pytest.raises(InUse):
            second.begin(["a"])
    written(tmp_path)


def test_two_merges_do_not_share_a_folder_of_masks_either(tmp_path):
    with (
        Journal(tmp_path / "one", tmp_path / "masks") as first,
        Journal(tmp_path / "two", tmp_path / "masks") as second,
    ):
        first.lock()
        with pytest.raises(InUse):
            second.lock()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_only_looked_at_gets_no_journal(tmp_path):
    with Journal(tmp_path) as journal:
        assert journal.latest("a") is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lost", range(2, 60, 7))
def test_a_line_that_a_crash_tore_costs_nothing_but_itself(tmp_path, lost):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    with Journal(tmp_path) as journal:
        assert journal.entries == {"a": BEGUN, "b": BEGUN}
        journal.finish("b", "digest", {})
    assert Journal(tmp_path).entries == {"a": BEGUN, "b": Entry("digest", {})}


@given(
    junk=st.lists(
        st.binary(max_size=40) | st.sampled_from([b"{}", b"[1]", b'{"frame": 1}', b'{"begun": 3}', b"[" * 9999])
    )
)
def test_lines_that_are_none_of_ours_are_passed_over(tmp_path_factory, junk):
    path = tmp_path_factory.mktemp("journal") / "journal"
    path.write_bytes(b"\n".join([*junk, b'{"begun": ["a"]}']))
    assert read_entries(path)["a"] is BEGUN


def test_a_mark_changes_with_the_size_and_the_end_of_a_file_and_survives_copying(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(bytes(range(100)))
    other.write_bytes(one.read_bytes())
    assert file_fingerprint(one) == file_fingerprint(other) is not None
    other.write_bytes(one.read_bytes()[:-1])
    assert file_fingerprint(one) != file_fingerprint(other)
    assert file_fingerprint(tmp_path / "nothing") is None
    assert file_fingerprint(tmp_path) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"begun": "abc"}, "begun is"),
        ({"begun": [1]}, "begun[0] is 1"),
        ({"frame": 5, "digest": None, "files": {}}, "frame is 5"),
        ({"frame": "01", "digest": 5, "files": {}}, "digest is 5"),
        ({"frame": "01", "digest": "x", "files": []}, "files is []"),
        ({"frame": "01", "digest": "x", "files": {"picture": 7}}, "files.picture is 7"),
        ([], "it holds []"),
    ],
)
def test_a_line_of_wrong_types_is_named_and_claims_no_file(tmp_path, capsys, line, words):
    good = {"frame": "02", "digest": "d", "files": {"picture": "1-ab"}}
    (tmp_path / FILE_NAME).write_text(f"{json.dumps(good)}\n{json.dumps(line)}\n")
    assert list(Journal(tmp_path).entries) == ["02"]
    assert f"{FILE_NAME}, line 2 is left out: {words}" in capsys.readouterr().err
