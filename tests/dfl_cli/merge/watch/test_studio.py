"""Frames rendered for the eye, written in the background, and the session in its file."""

import os
import threading
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfl_cli.frames import read_frame
from dfl_cli.merge.batch import FrameWork, Target, merge_frames
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.watch.keys import press
from dfl_cli.merge.watch.session import MergeSession, ModelMark, NotASession
from dfl_cli.merge.watch.session_file import SessionFile, identities
from dfl_cli.merge.watch.studio import OneAtATime, Studio
from dfl_cli.merge.watch.window import Window
from dfl_cli.merge.watch.workbench import lay_out, resume
from dfl_cli.merge.watch.writer import Writer
from dfl_cli.merge.watch.writing_text import outcome_text
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.terminal.console import Console


class Counting:
    """Counts how many faces the network was asked for."""

    def __init__(self, predictor):
        self.predictor, self.face, self.seen = predictor, predictor.face, 0

    def predict(self, faces):
        self.seen += len(faces)
        return self.predictor.predict(faces)


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
def work(film, tmp_path, recorded, settings):
    faces = {path.stem: [recorded.landmarks] for path in film if path.stem != "3"}
    return FrameWork(
        Tracks(film, faces),
        recorded.predictor.face,
        lambda path: settings(),
        Target(tmp_path / "merged", tmp_path / "mask"),
    )


@pytest.fixture
def session(film, work, settings):
    return MergeSession(identities(film, work.tracks.faces), settings(), MERGE, model=ModelMark("bob", 1))


@pytest.mark.parametrize("changes", [{}, {"color_smoothing": 2, "landmark_smoothing": 1, "motion_blur_power": 50}])
def test_what_is_shown_is_what_a_batch_writes(film, work, recorded, settings, tmp_path, changes):
    work = replace(work, settings_of=lambda path: settings(**changes))
    studio = Studio(work, recorded.predictor)
    studio.render(film[1], settings())
    shown = studio.render(film[1], settings(**changes))
    merge_frames(film, work, recorded.predictor, workers=1)
    assert np.array_equal(shown.picture, read_frame(tmp_path / "merged" / "1.png"))
    assert np.array_equal(shown.mask, cv2.imread(str(tmp_path / "mask" / "1.png"), -1))
    assert np.array_equal(shown.original, read_frame(film[1]))


def test_other_settings_do_not_ask_the_network_again(film, work, recorded, settings):
    predictor = Counting(recorded.predictor)
    studio = Studio(work, predictor)
    pictures = [studio.render(film[0], settings(blur_mask_modifier=blur)).picture for blur in (0, 20, 40)]
    assert predictor.seen == 1
    assert not np.array_equal(pictures[0], pictures[2])


def test_settings_without_network_do_not_ask_it_at_all(film, work, recorded, settings):
    predictor = Counting(recorded.predictor)
    shown = Studio(work, predictor).render(film[0], settings(mode="original", mask_mode="full"))
    assert (predictor.seen, np.array_equal(shown.picture, shown.original)) == (0, True)


def test_memory_holds_the_frames_looked_at_last(film, work, recorded, settings):
    predictor = Counting(recorded.predictor)
    one = Studio(work, predictor).prepare(film[0], settings()).bytes
    studio = Studio(work, predictor, memory=int(2.5 * one))
    for index, asked in ((0, 1), (1, 2), (0, 2), (2, 3), (1, 4)):
        studio.render(film[index], settings(blur_mask_modifier=asked + index))
        assert predictor.seen == asked


def test_a_frame_that_cannot_be_read_shows_why_and_is_read_again_later(film, work, recorded, settings):
    good = film[0].read_bytes()
    film[0].write_bytes(b"half")
    studio = Studio(work, recorded.predictor)
    assert studio.render(film[0], settings()).error is not None
    film[0].write_bytes(good)
    assert studio.render(film[0], settings(blur_mask_modifier=1)).error is None


def test_many_threads_get_what_one_would_get(film, work, recorded, settings):
    studio, alone = Studio(work, recorded.predictor), Studio(work, recorded.predictor)
    wanted = [(path, settings(blur_mask_modifier=blur)) for path in film for blur in (0, 9)]
    shown = {}
    threads = [
        threading.Thread(target=lambda one=one: shown.__setitem__(one, studio.render(*one).picture)) for one in wanted
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(shown[one], alone.render(*one).picture) for one in wanted)


def test_the_writer_writes_each_frame_with_its_own_settings_and_marks_it_done(
    film, work, session, recorded, settings, tmp_path
):
    for key in "..EE":
        press(session, key)
    writer = Writer(session, film, work, OneAtATime(recorded.predictor), workers=2)
    assert writer.start(session.remaining())
    writer.wait()
    assert (session.done_count, writer.done, writer.total) == (5, 5, 5)
    studio = Studio(work, recorded.predictor)
    for index, blur in ((0, 0), (1, 0), (2, 10), (4, 10)):
        shown = studio.render(film[index], settings(blur_mask_modifier=blur))
        assert np.array_equal(read_frame(tmp_path / "merged" / f"{index}.png"), shown.picture)
    assert not writer.start(session.remaining())


def test_a_frame_changed_while_it_is_being_written_is_not_done(film, work, session, recorded):
    class Changing(Counting):
        def predict(self, faces):
            press(session, "E")
            return super().predict(faces)

    writer = Writer(session, film, work, Changing(recorded.predictor), workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert [frame.done for frame in session.frames] == [False, True, True, True, True]


def test_frames_that_fail_remain(film, work, session, recorded):
    film[2].write_bytes(b"half")
    writer = Writer(session, film, work, recorded.predictor, workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert [failure.path for failure in writer.failures] == [film[2]]
    text, good = outcome_text(writer)
    assert ("2.png" in text, good) == (True, False)
    assert session.remaining() == [2]


def test_a_full_disk_ends_the_job_and_is_kept_for_the_person(film, work, session, recorded, tmp_path):
    (tmp_path / "merged" / "1.png").mkdir()
    writer = Writer(session, film, work, recorded.predictor, workers=1)
    writer.start(session.remaining())
    writer.wait()
    assert "1.png cannot be written" in outcome_text(writer)[0]
    assert not writer.running


@pytest.fixture
def lay(film, work, recorded, settings):
    """Lays the workbench out, as each start does, and goes on with the session."""

    @contextmanager
    def begin():
        with Journal(work.target.pictures) as journal:
            bench = lay_out(
                film, work, recorded.predictor,
                usual=settings(), table=MERGE, model=ModelMark("bob", 1), workers=1, journal=journal,
            )  # fmt: skip
            resume(bench, silent=True, console=Console())
            with bench:
                yield bench

    return begin


def test_a_later_start_goes_on_with_what_is_in_the_file(lay):
    with lay() as bench:
        for key in "..W":
            press(bench.session, key)
        bench.writer.start([0, 1])
        bench.writer.wait()
    with lay() as bench:
        state = bench.session.position, bench.session.settings.erode_mask_modifier, bench.session.done_count
        assert state == (2, 5, 2)


def test_what_somebody_else_did_to_the_results_is_noticed_at_the_next_start(
    lay, film, work, recorded, settings, tmp_path
):
    with lay() as bench:
        bench.writer.start(bench.session.remaining())
        bench.writer.wait()
    with lay() as bench:
        assert bench.session.remaining() == []
    (tmp_path / "mask" / "0.png").unlink()
    work.tracks.faces["1"][0] = work.tracks.faces["1"][0] + 1  # extracted again
    other = replace(work, settings_of=lambda path: settings(mode="original"))
    with Journal(work.target.pictures) as journal:  # a batch with other settings
        merge_frames(film[4:], other, recorded.predictor, workers=1, journal=journal)
    with lay() as bench:
        assert bench.session.remaining() == [0, 1, 4]


def test_what_is_shown_otherwise_than_asked_is_said_until_it_is_asked_otherwise(lay):
    with lay() as bench:
        bench.session.change("mask_mode", "XSeg-dst")
        bench.rendered()
        assert bench.remarks() == ["no XSeg mask of this face: learned-dst instead of XSeg-dst"]
        assert Window(bench).lines()[1:] == bench.remarks()
        bench.session.change("mask_mode", "learned-dst")
        bench.rendered()
        assert bench.remarks() == []


def test_a_damaged_session_has_no_other_settings(session, settings, tmp_path):
    file = SessionFile(tmp_path)
    file.save(session)
    assert (file.differing(settings()), file.differing(settings(mode="original"))) == (0, 1)
    for damage in ("", "[]", '{"frames": [[1, 2, 7, 3]], "settings": []}', '{"frames": 1, "settings": 2}'):
        file.path.write_text(damage, encoding="utf-8")
        assert file.differing(settings()) == 0


def test_an_unchanged_session_is_not_written_again(session, tmp_path):
    file = SessionFile(tmp_path)
    file.save(session)
    os.utime(file.path, (1, 1))
    file.save(session)
    assert file.path.stat().st_mtime == 1
    press(session, "w")
    file.save(session)
    assert file.path.stat().st_mtime > 1


def test_a_damaged_file_is_refused_and_can_be_set_aside(session, tmp_path):
    file = SessionFile(tmp_path)
    file.path.write_text("{half", encoding="utf-8")
    with pytest.raises(NotASession):
        file.read_into(session, is_whole=lambda name: True)
    assert file.set_aside().read_text(encoding="utf-8") == "{half"
    assert not file.exists
