"""`swap.toml`: chosen once, rewritten for another limit, and left alone where a person has edited it."""

from dataclasses import replace
from pathlib import Path

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import read_answers
from dfl_cli.options.stages_file import check_stages, read_stages
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.workspace import Workspace
from dfl_cli.swap.job import Limit, Swap, Wanted
from dfl_cli.swap.recipe_file import write_recipe
from dfl_cli.swap.state import SwapState, open_state

FACES = {"src_side": 150.0, "dst_side": 90.0, "color_distance": 12.0, "covered": 0.5}


@pytest.fixture
def swap(tmp_path):
    """A swap whose faces were looked at."""
    for name in ("src.mp4", "dst.mp4"):
        (tmp_path / name).write_bytes(name.encode())
    root = tmp_path / "work"
    sources = {side: tmp_path / f"{side}.mp4" for side in ("src", "dst")}
    state = open_state(root, sources)
    root.mkdir()
    state.finish("fit", FACES)
    return Swap(
        sources=sources, wanted={"src": Wanted(), "dst": Wanted()}, output=tmp_path / "film.mp4",
        workspace=Workspace(root), state=state, limit=Limit(), answers=None, device_flags=["--cpu"], preview=None,
        probes=False, overwrite=False,
    )  # fmt: skip


def stages_in(path: Path):
    return read_stages(path, SAEHD.table)


def again(swap: Swap, **changes) -> Swap:
    """The next run, which reads `swap.json`."""
    state = open_state(swap.workspace.root, swap.sources)
    return replace(swap, state=SwapState(state.path, state.videos, state.done), **changes)


def test_the_recipe_is_an_answers_file_that_training_takes_as_it_stands(swap, capsys):
    assert write_recipe(swap) == 0
    path = swap.recipe_file
    answers = ask_table(SAEHD.table, given=read_answers(path, SAEHD.table), ask_now=False)
    check_stages(path, SAEHD.table, stages_in(path), answers)
    assert (answers["resolution"], answers["ct_mode"], answers["random_src_flip"]) == (64, "rct", True)
    assert "Resolution 64 instead of 96" in capsys.readouterr().out


def test_another_limit_rewrites_it_and_an_edit_is_kept(swap, capsys):
    write_recipe(swap)
    write_recipe(again(swap, limit=Limit(target=50_000)))
    assert stages_in(swap.recipe_file)[-1].until_iter == 50_000
    edited = swap.recipe_file.read_text().replace("batch_size = 4", "batch_size = 6")
    swap.recipe_file.write_text(edited)
    capsys.readouterr()
    write_recipe(again(swap, limit=Limit(target=90_000)))
    assert swap.recipe_file.read_text() == edited and "was edited" in capsys.readouterr().out


def test_killed_between_the_note_and_the_file_it_is_written_by_the_next_run(swap):
    write_recipe(swap)
    old = swap.recipe_file.read_bytes()
    write_recipe(again(swap, limit=Limit(target=50_000)))
    new = swap.recipe_file.read_bytes()
    swap.recipe_file.write_bytes(old)
    write_recipe(again(swap, limit=Limit(target=50_000)))
    assert swap.recipe_file.read_bytes() == new != old


def test_answers_of_the_person_are_copied_and_never_replace_an_edit(swap, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("resolution = 128\n")
    write_recipe(again(swap, answers=mine))
    write_recipe(again(swap, limit=Limit(target=10)))  # without the flag it stays
    assert swap.recipe_file.read_bytes() == mine.read_bytes()
    swap.recipe_file.write_text("resolution = 160\n")
    with pytest.raises(UserError, match="was edited"):
        write_recipe(again(swap, answers=mine))
