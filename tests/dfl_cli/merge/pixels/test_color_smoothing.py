"""Colors of a face over time."""

import cv2
import numpy as np
import pytest

from dfl_cli.frames import list_frames, read_frame
from dfl_cli.merge.batch import FrameMerger, MergeOutput, merge_frames
from dfl_cli.merge.digest import frame_digest
from dfl_cli.merge.pixels.color_smoothing import shifted
from dfl_cli.merge.pixels.tracks import Tracks

FRAMES = 12


@pytest.fixture
def film(tmp_path, recorded):
    """Tracks of a face that does not move while its light flickers; with a `cut` the light is another one from frame 6 on."""

    def make(flicker=0.05, cut=0.0) -> Tracks:
        rng = np.random.default_rng(0)
        for number in range(FRAMES):
            light = 1 + flicker * rng.normal() - cut * (number >= 6)
            frame = np.clip(recorded.frame.astype(np.float32) * light, 0, 255).astype(np.uint8)
            cv2.imwrite(str(tmp_path / f"{number:02d}.png"), frame)
        frames = list_frames(tmp_path)
        return Tracks(frames, {path.stem: [recorded.landmarks] for path in frames})

    return make


def lightness(tracks, smoothing):
    """What each frame lends, L; and what it had."""
    now = np.array([tracks.colors.at(place)[0] for place in range(FRAMES)])
    return now + [tracks.color_offset(path, smoothing)[0] for path in tracks.frames], now


def test_smoothing_calms_the_light_without_changing_it_in_the_mean(film):
    wanted, now = lightness(film(), 4)
    assert np.abs(np.diff(wanted)).mean() < 0.3 * np.abs(np.diff(now)).mean()
    assert wanted.mean() == pytest.approx(now.mean(), abs=0.5)


def test_without_smoothing_nothing_is_read_or_changed(film):
    tracks = film()
    for path in tracks.frames:
        path.unlink()
    assert tracks.color_offset(tracks.frames[3], 0) is None


def test_another_light_is_not_mixed_in(film):
    tracks = film(flicker=0.0, cut=0.5)
    wanted, now = lightness(tracks, 4)
    assert now[5] - now[6] > 12
    assert np.abs(wanted - now).max() < 0.1


def test_a_frame_that_cannot_be_read_ends_the_window(film):
    tracks = film()
    tracks.frames[4].write_bytes(b"")
    assert tracks.color_offset(tracks.frames[4], 3) is None
    assert tracks.colors.same_light(5, tracks.window(tracks.frames[5], 3)) == [5, 6, 7, 8]


def test_an_offset_moves_the_mean_of_a_picture():
    picture = np.clip(0.5 + 0.05 * np.random.default_rng(0).normal(size=(40, 40, 3)), 0, 1).astype(np.float32)
    before, after = (
        cv2.cvtColor(each, cv2.COLOR_BGR2LAB).mean((0, 1)) for each in (picture, shifted(picture, (5, 2, -3)))
    )
    assert after - before == pytest.approx([5, 2, -3], abs=0.1)


def test_merged_faces_flicker_less_and_two_threads_agree_with_one(film, recorded, settings, tmp_path):
    tracks = film()

    def merged(name, workers=2, **changes):
        target = MergeOutput(tmp_path / name, None)
        target.pictures.mkdir()
        usual = settings(color_transfer_mode="rct", **changes)
        merger = FrameMerger(tracks, recorded.predictor.face, lambda path: usual, target)
        assert merge_frames(tracks.frames, merger, recorded.predictor, workers=workers).merged == FRAMES
        return [read_frame(path) for path in list_frames(target.pictures)]

    left, top = recorded.landmarks.mean(axis=0).astype(int) - 5

    def flicker(pictures):
        return np.abs(np.diff([picture[top : top + 10, left : left + 10].mean() for picture in pictures])).mean()

    steady = merged("steady", color_smoothing=4)
    assert flicker(steady) < 0.5 * flicker(merged("plain"))
    assert np.array_equal(steady, merged("one", workers=1, color_smoothing=4))


def test_neighbours_that_change_make_a_frame_stale_only_when_colors_are_smoothed(film, settings):
    tracks = film()
    path, neighbor = tracks.frames[3], tracks.frames[5]
    plain, smooth = settings(), settings(color_smoothing=2)
    before = [frame_digest(path, each, tracks, "") for each in (plain, smooth)]
    neighbor.write_bytes(neighbor.read_bytes() + b"!")
    after = [frame_digest(path, each, tracks, "") for each in (plain, smooth)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
