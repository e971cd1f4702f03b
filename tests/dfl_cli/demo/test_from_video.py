"""`dfl demo --from-video`: two drawn films, their faces, and the film that comes out."""

import numpy as np
import pytest

from dfl_cli.demo.from_video import RESULT, draw_videos, extract_faces, room_for_result
from dfl_cli.demo.people import PERSON_A, SyntheticPlan, draw_poses, render
from dfl_cli.main import main
from dfl_cli.options.outputs import own_folder, write_mark
from dfl_cli.store.workspace import Workspace
from samplers.files.faces import open_faceset
from samplers.files.file_range import file_fingerprint

TINY = SyntheticPlan(src_faces=3, dst_frames=2, frame_size=(160, 160))


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def workspace(tmp_path):
    draw_videos(Workspace(tmp_path / "demo"), TINY)
    return Workspace(tmp_path / "demo")


def test_the_films_show_the_people_and_every_frame_of_dst_has_its_true_swap(workspace, read_film):
    film = read_film(workspace.root / "data_src.mp4")
    drawn = render(PERSON_A, draw_poses(3, TINY.seed)[1], TINY.frame_size).image
    assert len(film.pictures) == 3 and np.abs(film.pictures[1].astype(int) - drawn).mean() < 4
    assert len(read_film(workspace.root / "data_dst.mp4").pictures) == 2
    assert sorted(path.name for path in (workspace.root / "truth").glob("*.png")) == ["00001.png", "00002.png"]


def test_faces_are_found_in_all_drawn_frames_and_found_once(workspace, capsys):
    assert extract_faces(workspace) == 0
    assert [len(open_faceset(folder)) for folder in (workspace.src, workspace.dst)] == [3, 2]
    before = files(workspace.root)
    assert extract_faces(workspace) == 0
    assert files(workspace.root) == before


def test_a_drawing_that_was_interrupted_is_completed_without_replacing_anything(workspace):
    whole = files(workspace.root)
    for name in ("data_dst.mp4", "truth/00002.png", "truth/complete"):
        (workspace.root / name).unlink()
    draw_videos(workspace, TINY)
    again = files(workspace.root)
    assert again.keys() == whole.keys()
    assert all(again[name] == whole[name] for name in whole if name != "data_dst.mp4")


def test_the_video_of_the_last_run_is_replaced_unless_somebody_changed_it(tmp_path):
    own_folder(tmp_path / "demo", fix="")
    result = tmp_path / "demo" / RESULT
    assert room_for_result(result.parent) == result
    result.write_bytes(b"a video")
    write_mark(result.parent, {RESULT: file_fingerprint(result)})
    assert room_for_result(result.parent) == result and not result.exists()
    result.write_bytes(b"a video of the person")
    assert room_for_result(result.parent).name == "swapped_2.mp4"
    assert result.read_bytes() == b"a video of the person"


@pytest.mark.parametrize(
    ("there", "flags", "fix"),
    [("data_src.mp4", [], "Add --from-video"), ("truth/complete", ["--from-video"], "Leave out --from-video")],
)
def test_a_demo_that_began_the_other_way_is_left_alone(tmp_path, there, flags, fix, capsys):
    own_folder(tmp_path / "demo", fix="")
    (tmp_path / "demo/truth").mkdir()
    (tmp_path / "demo" / there).touch()
    before = files(tmp_path)
    assert main(["demo", "--workspace", str(tmp_path / "demo"), "--iterations", "1", *flags]) == 1
    assert fix in capsys.readouterr().err
    assert files(tmp_path) == before
