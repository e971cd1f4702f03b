"""Frames rendered for the eye, written in the background, and the session in its file."""

import json
import os
import threading
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfl_cli.frames import read_frame
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.watch.interactive_merge import open_interactive_merge, resume
from dfl_cli.merge.watch.keys import press
from dfl_cli.merge.watch.renderer import FrameRenderer, LockedPredictor
from dfl_cli.merge.watch.session import MergeSession, ModelVersion, SessionMismatch
from dfl_cli.merge.watch.session_file import SessionFile, fingerprints
from dfl_cli.merge.watch.window import MergeWindow
from dfl_cli.merge.watch.writer import Writer
from dfl_cli.merge.watch.writer_text import outcome_text
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.terminal.console import Console


class Counting:
    """Counts how many faces the network was asked for, and how many of them without correction."""

    def __init__(self, predictor):
        self.predictor, self.face, self.seen, self.as_learned = predictor, predictor.face, 0, 0

    def predict(self, faces, *, corrected=True):
        self.seen += len(faces)
        self.as_learned += 0 if corrected else len(faces)
        return self.predictor.predict(faces, corrected=corrected)


@pytest.fixture
def film(tmp_path, recorded):
    """Five frames, and where their results go."""
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(5):
        cv2.imwrite(str(frames / f"{number}.png"), np.roll(recorded.frame, number, axis=2))
    for folder in ("merged", "mask"):
        (tmp_path / folder).mkdir()
    return sorted(frames.iterdir())


@pytest.fixture
def merger(film, tmp_path, recorded, settings):
    faces = {path.stem: [recorded.landmarks] for path in film if path.stem != "3"}
    return FrameMerger(
        Tracks(film, faces),
        recorded.predictor.face,
        lambda path: settings(),
        MergeOutput(tmp_path / "merged", tmp_path / "mask"),
    )


@pytest.fixture
def session(film, merger, settings):
    return MergeSession(fingerprints(film, merger.tracks.faces), settings(), MERGE, model=ModelVersion("bob", 1))


@pytest.mark.parametrize(
    "changes", [{}, {"classic": True}, {"color_smoothing": 2, "landmark_smoothing": 1, "motion_blur_power": 50}]
)
def test_what_is_shown_is_what_a_batch_writes(film, merger, recorded, settings, tmp_path, changes):
    merger = replace(merger, settings_of=lambda path: settings(**changes))
    renderer = FrameRenderer(merger, recorded.predictor)
    renderer.render(film[1], settings())
    shown = renderer.render(film[1], settings(**changes))
    merge_frames(film, merger, recorded.predictor, workers=1)
    assert np.array_equal(shown.picture, read_frame(tmp_path / "merged" / "1.png"))
    assert np.array_equal(shown.mask, cv2.imread(str(tmp_path / "mask" / "1.png"), -1))
    assert np.array_equal(shown.original, read_frame(film[1]))


def test_other_settings_do_not_ask_the_network_again(film, merger, recorded, settings):
    predictor = Counting(recorded.predictor)
    renderer = FrameRenderer(merger, predictor)
    pictures = [renderer.render(film[0], settings(blur_mask_modifier=blur)).picture for blur in (0, 20, 40)]
    assert predictor.seen == 1
    assert not np.array_equal(pictures[0], pictures[2])


def test_a_frame_made_classic_is_swapped_once_more_without_correction(film, merger, recorded, settings):
    predictor = Counting(recorded.predictor)
    renderer = FrameRenderer(merger, predictor)
    for classic, asked in ((False, (1, 0)), (True, (2, 1)), (False, (2, 1))):
        renderer.render(film[0], settings(classic=classic))
        assert (predictor.seen, predictor.as_learned) == asked


def test_settings_without_network_do_not_ask_it_at_all(film, merger, recorded, settings):
    predictor = Counting(recorded.predictor)
    shown = FrameRenderer(merger, predictor).render(film[0], settings(mode="original", mask_mode="full"))
    assert (predictor.seen, np.array_equal(shown.picture, shown.original)) == (0, True)


def test_memory_holds_the_frames_looked_at_last(film, merger, recorded, settings):
    predictor = Counting(recorded.predictor)
    one = FrameRenderer(merger, predictor).prepare(film[0], settings()).bytes
    renderer = FrameRenderer(merger, predictor, memory=int(2.5 * one))
    for index, asked in ((0, 1), (1, 2), (0, 2), (2, 3), (1, 4)):
        renderer.render(film[index], settings(blur_mask_modifier=asked + index))
        assert predictor.seen == asked


def test_a_frame_that_cannot_be_read_shows_why_and_is_read_again_later(film, merger, recorded, settings):
    good = film[0].read_bytes()
    film[0].write_bytes(b"half")
    renderer = FrameRenderer(merger, recorded.predictor)
    assert renderer.render(film[0], settings()).error is not None
    film[0].write_bytes(good)
    assert renderer.render(film[0], settings(blur_mask_modifier=1)).error is None


def test_many_threads_get_what_one_would_get(film, merger, recorded, settings):
    renderer, alone = FrameRenderer(merger, recorded.predictor), FrameRenderer(merger, recorded.predictor)
    wanted = [(path, settings(blur_mask_modifier=blur)) for path in film for blur in (0, 9)]
    shown = {}
    threads = [
        threading.Thread(target=lambda one=one: shown.__setitem__(one, renderer.render(*one).picture)) for one in wanted
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(shown[one], alone.render(*one).picture) for one in wanted)


def test_the_writer_writes_each_frame_with_its_own_settings_and_marks_it_done(
    film, merger, session, recorded, settings, tmp_path
):
    for key in "..EE":
        press(session, key)
    writer = Writer(session, film, merger, LockedPredictor(recorded.predictor), workers=2)
    assert writer.start(session.remaining())
    writer.wait()
    assert (session.done_count, writer.done, writer.total) == (5, 5, 5)
    renderer = FrameRenderer(merger, recorded.predictor)
    for index, blur in ((0, 0), (1, 0), (2, 10), (4, 10)):
        shown = renderer.render(film[index], settings(blur_mask_modifier=blur))
        assert np.array_equal(read_frame(tmp_path / "merged" / f"{index}.png"), shown.picture)
    assert not writer.start(session.remaining())


def test_a_frame_changed_while_it_is_being_written_is_not_done(film, merger, session, recorded):
    class Changing(Counting):
        def predict(self, faces, *, corrected=True):
            press(session, "E")
            return super().predict(faces, corrected=corrected)

    writer = Writer(session, film, merger, Changing(recorded.predictor), workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert [frame.done for frame in session.frames] == [False, True, True, True, True]


def test_frames_that_fail_remain(film, merger, session, recorded):
    film[2].write_bytes(b"half")
    writer = Writer(session, film, merger, recorded.predictor, workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert [failure.path for failure in writer.failures] == [film[2]]
    text, good = outcome_text(writer)
    assert ("2.png" in text, good) == (True, False)
    assert session.remaining() == [2]


def test_a_full_disk_ends_the_job_and_is_kept_for_the_person(film, merger, session, recorded, tmp_path):
    (tmp_path / "merged" / "1.png").mkdir()
    writer = Writer(session, film, merger, recorded.predictor, workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert "Cannot write " in outcome_text(writer)[0]
    assert not writer.running


@pytest.fixture
def lay(film, merger, recorded, settings):
    """Opens the interactive merge, as each start does, and resumes the session."""

    @contextmanager
    def begin():
        with Journal(merger.target.pictures) as journal:
            interactive = open_interactive_merge(
                film, merger, recorded.predictor,
                defaults=settings(), table=MERGE, model=ModelVersion("bob", 1), workers=1, journal=journal,
            )  # fmt: skip
            resume(interactive, silent=True, console=Console())
            with interactive:
                yield interactive

    return begin


def test_a_later_start_goes_on_with_what_is_in_the_file(lay):
    with lay() as interactive:
        for key in "..W":
            press(interactive.session, key)
        interactive.writer.start([0, 1])
        interactive.writer.wait()
    with lay() as interactive:
        state = (
            interactive.session.position,
            interactive.session.settings.erode_mask_modifier,
            interactive.session.done_count,
        )
        assert state == (2, 5, 2)


def test_what_somebody_else_did_to_the_results_is_noticed_at_the_next_start(
    lay, film, merger, recorded, settings, tmp_path
):
    with lay() as interactive:
        interactive.writer.start(interactive.session.remaining())
        interactive.writer.wait()
    with lay() as interactive:
        assert interactive.session.remaining() == []
    (tmp_path / "mask" / "0.png").unlink()
    merger.tracks.faces["1"][0] = merger.tracks.faces["1"][0] + 1  # extracted again
    other = replace(merger, settings_of=lambda path: settings(mode="original"))
    with Journal(merger.target.pictures) as journal:  # a batch with other settings
        merge_frames(film[4:], other, recorded.predictor, workers=1, journal=journal)
    with lay() as interactive:
        assert interactive.session.remaining() == [0, 1, 4]


def test_what_is_shown_otherwise_than_asked_is_said_until_it_is_asked_otherwise(lay):
    with lay() as interactive:
        interactive.session.change("mask_mode", "XSeg-dst")
        interactive.rendered()
        assert interactive.remarks() == ["this face has no XSeg mask: using learned-dst instead of XSeg-dst"]
        assert MergeWindow(interactive).lines()[1:] == interactive.remarks()
        interactive.session.change("mask_mode", "learned-dst")
        interactive.rendered()
        assert interactive.remarks() == []


def test_a_damaged_session_has_no_other_settings(session, settings, tmp_path):
    file = SessionFile(tmp_path)
    file.save(session)
    assert (file.differing(settings()), file.differing(settings(mode="original"))) == (0, 1)
    for damage in ("", "[]", '{"frames": [[1, 2, 7, 3]], "settings": []}', '{"frames": 1, "settings": 2}'):
        file.path.write_text(damage, encoding="utf-8")
        assert file.differing(settings()) == 0


def test_a_setting_that_a_session_does_not_know_yet_makes_no_difference(session, settings, tmp_path):
    file = SessionFile(tmp_path)
    file.save(session)
    saved = json.loads(file.path.read_text(encoding="utf-8"))
    for values in saved["settings"]:
        del values["xseg_on_frames"]
    file.path.write_text(json.dumps(saved), encoding="utf-8")
    assert (file.differing(settings()), file.differing(settings(xseg_on_frames=True))) == (0, 0)


def test_an_unchanged_session_is_not_written_again(session, tmp_path):
    file = SessionFile(tmp_path)
    file.save(session)
    os.utime(file.path, (1, 1))
    file.save(session)
    assert file.path.stat().st_mtime == 1
    press(session, "w")
    file.save(session)
    assert file.path.stat().st_mtime > 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_session_is_resumed_from_a_file_that_an_editor_has_saved(session, tmp_path, encoding):
    file = SessionFile(tmp_path)
    press(session, "w")
    file.save(session)
    file.path.write_text(file.path.read_text(encoding="utf-8"), encoding=encoding)
    before = session.as_json()
    file.read_into(session, is_whole=lambda name: True)
    assert session.as_json() == before


def test_a_damaged_file_is_refused_and_can_be_set_aside(session, tmp_path):
    file = SessionFile(tmp_path)
    file.path.write_text("{half", encoding="utf-8")
    with pytest.raises(SessionMismatch):
        file.read_into(session, is_whole=lambda name: True)
    assert file.keep_under_other_name().read_text(encoding="utf-8") == "{half"
    assert not file.exists


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("model", {"name": "bob", "iteration": "1"}, "model.iteration is"),
        ("model", [], "model is []"),
        ("position", 3, "position is 3"),
        ("frames", [["0.png", "x", -1, None]], "frames[0][2] is -1"),
        ("frames", [["0.png", "x", 10**300, None]], "frames[0][2] is 10^300"),
        ("frames", [["0.png", 5, 0, None]], "frames[0][1] is 5"),
        ("frames", [["0.png"]], "frames[0] is"),
        ("settings", {"a": 1}, "settings is"),
        ("settings", ["x"], "settings[0] is"),
    ],
)
def test_a_session_of_wrong_types_is_refused_with_file_and_field_and_nothing_is_changed(
    session, tmp_path, place, value, words
):
    file = SessionFile(tmp_path)
    before = session.as_json()
    file.path.write_text(json.dumps({**before, place: value}), encoding="utf-8")
    with pytest.raises(SessionMismatch) as refused:
        file.read_into(session, is_whole=lambda name: True)
    assert refused.value.reason.startswith(f"{file.path.name}: {words}")
    assert session.as_json() == before
