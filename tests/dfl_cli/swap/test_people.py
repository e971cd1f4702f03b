"""Whose faces of a video are swapped, where it shows two people."""

import pytest

from dfl_cli.errors import UserError
from dfl_cli.store.workspace import Workspace
from dfl_cli.swap.faces import extract
from dfl_cli.swap.job import Limit, Swap, Wanted
from dfl_cli.swap.state import open_state


@pytest.fixture
def swap_of(shared, tmp_path):
    """(letter) -> a swap into that person of a clip that shows two."""
    folder = shared / "data" / "videos"
    sources = {"src": folder / "please.mkv", "dst": folder / "intel_headpose_female-and-male.gif"}

    def swap(person=None):
        root = tmp_path / "work"
        return Swap(
            sources=sources, wanted={"src": Wanted(), "dst": Wanted(person)}, output=tmp_path / "film.mp4",
            workspace=Workspace(root), state=open_state(root, sources), limit=Limit(), answers=None,
            device_flags=["--cpu"], preview=None, probes=False, overwrite=False,
        )  # fmt: skip

    return swap


def faces(folder):
    return len(list(folder.glob("*.jpg")))


def test_who_is_in_most_frames_is_taken_and_another_can_be_chosen(swap_of, capsys):
    swap = swap_of()
    assert extract(swap, "dst") == 0
    assert faces(swap.workspace.dst) == swap.state.done["dst"]["faces"] == 56
    said = capsys.readouterr().err
    assert "2 people: A 56 frames, B 40" in said and "--dst-person keeps another" in said

    swap = swap_of("B")
    assert extract(swap, "dst") == 0
    assert faces(swap.workspace.dst) == 40

    with pytest.raises(UserError, match="no person"):
        extract(swap_of("Q"), "dst")


def test_another_person_is_refused_once_a_model_has_learned_from_the_first(swap_of):
    swap = swap_of()
    (swap.model_dir.folder / "generations" / "0000001").mkdir(parents=True)
    swap.state.finish("dst", {**swap.wanted["dst"].facts, "faces": 56})
    with pytest.raises(UserError, match="trained with other faces of dst"):
        extract(swap_of("B"), "dst")
