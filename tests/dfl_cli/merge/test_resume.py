"""Going on with a merge: only what is stale is merged again, and nothing of others is touched."""

import json
import os
import shutil
import signal
import sys
import time
from functools import partial

import cv2
import numpy as np
import pytest

from dfl_cli.frames import list_frames, read_frame
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.digest import frame_digest, stat_fingerprint
from dfl_cli.merge.journal import FILE_NAME, Journal
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.resume import count_unrelated_files, sort_frames
from programs import running

FRAMES = 20


@pytest.fixture
def film(tmp_path, recorded, settings):
    """Frames 00 to 19 with one face each, merged by `film.merge()`; what decides about the results are its attributes."""

    class Film:
        folder, target = tmp_path / "frames", MergeOutput(tmp_path / "merged", tmp_path / "masks")
        model = "model 7"

        @property
        def frames(self):
            return list_frames(self.folder)

        @property
        def merger(self):
            return FrameMerger(
                Tracks(self.frames, self.faces), recorded.predictor.face, lambda path: self.settings, self.target,
                producer=self.model,
            )  # fmt: skip

        def rest(self, **options):
            return sort_frames(self.frames, self.merger, Journal(self.target.pictures), **options)

        def stale(self):
            return [path.stem for path in self.rest().stale]

        def merge(self, **options):
            """Merge what is stale; returns the stems of what was merged."""
            stale = self.rest().stale
            with Journal(self.target.pictures) as journal:
                merge_frames(stale, self.merger, recorded.predictor, workers=2, journal=journal, **options)
            return [path.stem for path in stale]

        def results(self):
            return {path: path.read_bytes() for folder in self.target.folders for path in folder.glob("[!.]*")}

    film = Film()
    film.settings = settings(color_transfer_mode="none")
    film.faces = {f"{number:02d}": [recorded.landmarks] for number in range(FRAMES)}
    for folder in (film.folder, *film.target.folders):
        folder.mkdir()
    for number in range(FRAMES):
        cv2.imwrite(str(film.folder / f"{number:02d}.png"), np.roll(recorded.frame, number, axis=2))
    return film


def test_a_second_merge_has_nothing_to_do(film):
    assert len(film.merge()) == FRAMES
    assert film.merge() == []
    assert len(film.rest(again=True).stale) == FRAMES
    assert film.rest(again=True).foreign == {}


def test_other_settings_or_more_training_make_every_frame_stale(film, settings):
    film.merge()
    film.settings = settings(color_transfer_mode="none", erode_mask_modifier=20)
    assert len(film.merge()) == FRAMES
    film.model = "model 8"
    assert len(film.merge()) == FRAMES


def test_a_frame_is_stale_when_it_or_its_faces_change(film, recorded):
    film.merge()
    cv2.imwrite(str(film.folder / "03.png"), recorded.frame[::-1])
    film.faces["05"] = [recorded.landmarks + 1]
    film.faces["07"] = []
    film.faces["08"] = [recorded.landmarks] * 2
    assert film.merge() == ["03", "05", "07", "08"]
    assert film.merge() == []
    assert np.array_equal(read_frame(film.target.pictures / "07.png"), read_frame(film.folder / "07.png"))


def test_a_time_stamp_makes_no_frame_stale(film, tmp_path):
    film.merge()
    for path in film.frames:
        os.utime(path, (1, 1))
    assert film.stale() == []
    shutil.copytree(film.folder, tmp_path / "copied")  # a new time each
    film.folder = tmp_path / "copied"
    assert film.stale() == []


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_one_changed_pixel_makes_a_frame_stale_although_size_and_time_are_the_same(film, suffix):
    path = film.folder / f"03{suffix}"
    picture = cv2.imread(str(film.folder / "03.png"))
    (film.folder / "03.png").unlink()
    write = partial(cv2.imwrite, str(path), params=[cv2.IMWRITE_TIFF_COMPRESSION, 1] if suffix == ".tif" else [])
    write(picture)
    film.merge()
    before = path.stat()
    picture[picture.shape[0] // 3, 7] ^= 1
    write(picture)
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert suffix != ".tif" or path.stat().st_size == before.st_size
    assert film.stale() == ["03"]


def test_results_that_an_earlier_version_knew_by_time_stamps_are_not_merged_again(film):
    film.merge()
    merger, journal = film.merger, film.target.pictures / FILE_NAME
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        if "frame" in line:
            frame = film.folder / f"{line['frame']}.png"
            line["digest"] = frame_digest(frame, film.settings, merger.tracks, film.model, identify=stat_fingerprint)
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert film.stale() == []
    os.utime(film.folder / "04.png", (1, 1))  # then it cannot be known
    assert film.stale() == ["04"]


def test_with_smoothed_landmarks_the_neighbours_of_a_changed_face_are_stale_too(film, recorded, settings):
    film.settings = settings(color_transfer_mode="none", landmark_smoothing=2)
    film.merge()
    film.faces["05"] = [recorded.landmarks + 1]
    assert film.merge() == ["03", "04", "05", "06", "07"]


def test_lost_or_shortened_results_are_made_anew(film):
    film.merge()
    (film.target.pictures / "02.png").unlink()
    (film.target.masks / "04.png").unlink()
    assert film.merge() == ["02", "04"]


def test_masks_that_were_not_wanted_before_are_written(film, tmp_path):
    masks, film.target = film.target.masks, MergeOutput(film.target.pictures, None)
    film.merge()
    film.target = MergeOutput(film.target.pictures, masks)
    assert len(film.merge()) == FRAMES
    film.target = MergeOutput(film.target.pictures, None)
    assert film.merge() == []


def test_a_frame_that_failed_is_tried_again(film):
    good = (film.folder / "04.png").read_bytes()
    (film.folder / "04.png").write_bytes(good[:300])
    film.merge()
    assert film.stale() == ["04"]
    assert film.rest().foreign == {}  # the copy is ours
    (film.folder / "04.png").write_bytes(good)
    assert film.merge() == ["04"]
    assert film.merge() == []


def test_what_others_put_in_the_way_is_found(film):
    (film.target.pictures / "02.png").write_bytes(b"of another program")
    assert film.rest().foreign == {film.folder / "02.png": [film.target.pictures / "02.png"]}
    film.merge()
    assert film.rest().foreign == {}
    retouched = film.target.pictures / "06.png"
    retouched.write_bytes(retouched.read_bytes() + b"!")
    assert film.rest().foreign == {film.folder / "06.png": [retouched]}
    assert film.rest().without_foreign().stale == []


def test_files_of_no_frame_are_counted_but_not_hidden_ones(film):
    film.merge()
    assert count_unrelated_files(film.target.pictures, film.frames) == 0
    (film.target.pictures / "poster.png").write_bytes(b"")
    (film.target.pictures / "notes").mkdir()
    assert count_unrelated_files(film.target.pictures, film.frames) == 1


def test_an_interrupted_merge_ends_with_the_same_bytes(film, settings):
    film.settings = settings(color_transfer_mode="idt", landmark_smoothing=3)
    done = []
    film.merge(on_frame=lambda: done.append(1), stopped=lambda: bool(done))
    assert 0 < len(done) < FRAMES
    assert len(film.merge()) == FRAMES - len(done)
    in_two_goes = film.results()
    for path in in_two_goes:
        path.unlink()
    film.merge()
    assert film.results() == in_two_goes


SLOW_MERGE = """
import sys, time
from pathlib import Path
import numpy as np
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.pixels.crop import ModelFace
from dfl_cli.frames import list_frames
from dfl_cli.merge.digest import frame_digest, stat_fingerprint
from dfl_cli.merge.journal import FILE_NAME, Journal
from dfl_cli.merge.resume import sort_frames
from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.pixels.tracks import Tracks
from samplers.geometry.face_types import FaceType

class Predictor:
    face = ModelFace(32, FaceType.WHOLE)
    def predict(self, faces, *, corrected=True):
        time.sleep(0.02)
        return 1 - faces, np.ones_like(faces[..., :1]), np.ones_like(faces[..., :1])

root = Path(sys.argv[1])
frames, target = list_frames(root / "frames"), MergeOutput(root / "merged", root / "masks")
settings = MergeSettings(**{settings!r})
faces = dict.fromkeys((path.stem for path in frames), [np.load(root / "landmarks.npy")])
merger = FrameMerger(Tracks(frames, faces), Predictor.face, lambda path: settings, target)
with Journal(target.pictures) as journal:
    rest = sort_frames(frames, merger, journal)
    assert not rest.foreign, rest.foreign
    merge_frames(rest.stale, merger, Predictor(), workers=2, journal=journal)
"""


def test_killed_again_and_again_it_still_finishes_without_a_half_written_frame(film, recorded):
    root = film.folder.parent
    np.save(root / "landmarks.npy", recorded.landmarks)
    for number in range(FRAMES, 60):
        (film.folder / f"{number:02d}.png").write_bytes((film.folder / "00.png").read_bytes())
    script = SLOW_MERGE.replace("{settings!r}", repr(vars(film.settings)))
    kills = 0
    for delay in (0.02, 0.05, 0.03, 0.08, None):
        before = len(film.results())  # all of them stay: nothing is deleted
        with running([sys.executable, "-c", script, str(root)], stdout=None) as process:
            wait_for(lambda seen=before, process=process: len(film.results()) > seen or process.poll() is not None)
            if delay is None:
                assert process.wait() == 0
                break
            time.sleep(delay)
            process.kill()
        kills += process.returncode == -signal.SIGKILL
        assert all(
            cv2.imdecode(np.frombuffer(picture, np.uint8), -1) is not None for picture in film.results().values()
        )
    assert kills > 1
    assert len(film.results()) == 2 * 60
    assert not list(root.glob("m*/.*.partial"))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
