"""Merging a folder of frames."""

import cv2
import numpy as np
import pytest

from dfl_cli.frames import UnwritableFrame, list_frames, read_frame
from dfl_cli.in_batches import FACES_AT_ONCE
from dfl_cli.merge.batch import FrameMerger, MergeOutput, chunks, merge_frames
from dfl_cli.merge.pixels.tracks import Tracks


@pytest.fixture
def folder(tmp_path, recorded):
    """Frames 00 to 21, every one with the recorded face but number 3, which has none; results go beside them."""
    (tmp_path / "frames").mkdir()
    for number in range(22):
        frame = np.roll(recorded.frame, number, axis=2) if number % 2 else recorded.frame
        cv2.imwrite(str(tmp_path / "frames" / f"{number:02d}.png"), frame)
    return tmp_path


@pytest.fixture
def merge(folder, recorded, settings):
    """Merges the folder into folder/<name>; returns the report."""
    usual = settings(color_transfer_mode="none")

    def run(name="merged", *, workers=2, predictor=recorded.predictor, settings_of=lambda path: usual, **options):
        target = MergeOutput(folder / name, folder / f"{name}_mask")
        target.pictures.mkdir(exist_ok=True)
        target.masks.mkdir(exist_ok=True)
        paths = list_frames(folder / "frames")
        faces = {path.stem: [recorded.landmarks] for path in paths if path.stem != "03"}
        merger = FrameMerger(Tracks(paths, faces), predictor.face, settings_of, target)
        return merge_frames(paths, merger, predictor, workers=workers, **options)

    return run


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_frame_gets_a_picture_and_a_mask_of_its_size(folder, merge, recorded):
    report = merge()
    assert (report.merged, report.without_face, report.failures, report.stopped) == (21, 1, [], False)
    for path in list_frames(folder / "frames"):
        merged, mask = (
            cv2.imread(str(folder / "merged" / path.name), -1),
            cv2.imread(str(folder / "merged_mask" / path.name), -1),
        )
        assert merged.shape == recorded.frame.shape
        assert mask.shape == recorded.frame.shape[:2]
        assert mask.any() == (path.stem != "03")


def test_a_frame_without_a_face_is_copied_pixel_for_pixel(folder, merge):
    merge()
    assert np.array_equal(read_frame(folder / "merged" / "03.png"), read_frame(folder / "frames" / "03.png"))


def test_the_number_of_threads_does_not_change_a_byte(folder, merge):
    merge("one", workers=1)
    merge("four", workers=4)
    assert contents(folder / "one") == contents(folder / "four")
    assert contents(folder / "one_mask") == contents(folder / "four_mask")


def test_every_frame_may_have_settings_of_its_own(folder, merge, settings):
    kept, swapped = settings(mode="original", mask_mode="dst"), settings(color_transfer_mode="none")
    merge("mixed", settings_of=lambda path: kept if path.stem in ("04", "07") else swapped)
    merge("all")
    mixed, all_swapped = contents(folder / "mixed"), contents(folder / "all")
    assert [name for name in sorted(mixed) if mixed[name] != all_swapped[name]] == ["04.png", "07.png"]
    assert np.array_equal(read_frame(folder / "mixed" / "04.png"), read_frame(folder / "frames" / "04.png"))
    assert cv2.imread(str(folder / "mixed_mask" / "04.png"), -1).any()


@pytest.mark.parametrize("mode", ["overlay", "raw-predict"])
def test_a_16_bit_frame_becomes_a_16_bit_picture_with_the_same_face(folder, merge, recorded, settings, mode):
    usual = settings(color_transfer_mode="none", mode=mode)
    merge("shallow", settings_of=lambda path: usual)
    noise = np.random.default_rng(1).integers(-128, 128, recorded.frame.shape)
    pixels = np.clip(recorded.frame.astype(int) * 257 + noise, 0, 65535).astype(np.uint16)
    for name in ("03.png", "04.png"):
        cv2.imwrite(str(folder / "frames" / name), pixels)
    merge("deep", settings_of=lambda path: usual)
    assert np.array_equal(read_frame(folder / "deep" / "04.png"), read_frame(folder / "shallow" / "04.png"))
    if mode == "raw-predict":  # the network's square, no frame
        return
    outside = cv2.imread(str(folder / "deep_mask" / "04.png"), -1) == 0
    assert np.array_equal(cv2.imread(str(folder / "deep" / "04.png"), -1)[outside], pixels[outside])
    assert np.array_equal(cv2.imread(str(folder / "deep" / "03.png"), -1), pixels)


def test_a_frame_that_is_no_picture_is_copied_and_listed_and_the_others_go_on(folder, merge):
    (folder / "frames" / "05.png").write_bytes(b"half a picture")
    report = merge()
    assert [failure.path.name for failure in report.failures] == ["05.png"]
    assert report.merged == 20
    assert (folder / "merged" / "05.png").read_bytes() == b"half a picture"


def test_a_frame_that_vanishes_is_listed_and_the_others_go_on(folder, recorded, settings):
    (folder / "merged").mkdir()
    frames = [folder / "frames" / name for name in ("00.png", "gone.png", "02.png")]
    merger = FrameMerger(
        Tracks(frames, {}), recorded.predictor.face, lambda path: settings(), MergeOutput(folder / "merged", None)
    )
    report = merge_frames(frames, merger, recorded.predictor, workers=2)
    assert [failure.path.name for failure in report.failures] == ["gone.png"]
    assert sorted(path.name for path in (folder / "merged").iterdir()) == ["00.png", "02.png"]


def test_a_face_that_cannot_be_merged_leaves_its_frame_unchanged_and_listed(folder, merge, recorded):
    class Sick(type(recorded.predictor)):
        """Gives an empty mask for one face."""

        calls = 0

        def one(self, picture):
            self.calls += 1
            good = super().one(picture)
            return good if self.calls != 2 else good._replace(prd_mask=good.prd_mask[:0])

        def predict(self, faces, *, corrected=True):
            return zip(*map(self.one, faces), strict=True)

    report = merge(predictor=Sick(*(mask[..., 0] for mask in recorded.predictor.masks)))
    assert [failure.path.name for failure in report.failures] == ["01.png"]
    assert np.array_equal(read_frame(folder / "merged" / "01.png"), read_frame(folder / "frames" / "01.png"))
    assert not cv2.imread(str(folder / "merged_mask" / "01.png"), -1).any()


def test_stopping_finishes_what_was_begun_and_leaves_no_half_written_frame(folder, merge):
    done = []
    report = merge(on_frame=lambda: done.append(1), stopped=lambda: bool(done))
    assert report.stopped
    written = list((folder / "merged").iterdir())
    assert 0 < len(written) < 22
    assert len(written) == len(done)
    assert all(read_frame(path) is not None for path in written)


def test_files_that_belong_to_no_frame_stay(folder, merge):
    (folder / "merged").mkdir()
    (folder / "merged" / "mine.png").write_bytes(b"mine")
    (folder / "merged" / "02.png").write_bytes(b"of an earlier run")
    merge()
    assert (folder / "merged" / "mine.png").read_bytes() == b"mine"
    assert read_frame(folder / "merged" / "02.png") is not None


def test_a_folder_that_cannot_be_written_ends_the_merge(folder, merge):
    (folder / "merged").mkdir()
    (folder / "merged" / "07.png").mkdir()
    with pytest.raises(UnwritableFrame, match=r"07\.png"):
        merge()


def test_the_network_gets_several_faces_at_once(merge, recorded):
    seen = []

    class Counting(type(recorded.predictor)):
        def predict(self, faces, *, corrected=True):
            seen.append(len(faces))
            return super().predict(faces, corrected=corrected)

    merge(predictor=Counting(*(mask[..., 0] for mask in recorded.predictor.masks)))
    assert seen == [FACES_AT_ONCE] * 3  # 21 faces and three black squares


def test_long_stretches_without_faces_do_not_pile_up(tmp_path):
    frames = [tmp_path / f"{number}.png" for number in range(100)]
    assert max(map(len, chunks(frames, {}))) == 2 * FACES_AT_ONCE
    assert [path for chunk in chunks(frames, {}) for path in chunk] == frames


def test_a_frame_cut_short_anywhere_never_stops_the_others(folder, merge):
    whole = (folder / "frames" / "04.png").read_bytes()
    (folder / "frames" / "04.png").write_bytes(whole[: len(whole) // 2])
    (folder / "frames" / "06.png").write_bytes(b"")
    (folder / "frames" / "08.png").unlink()
    (folder / "frames" / "08.png").mkdir()
    report = merge()
    assert {failure.path.name for failure in report.failures} >= {"06.png"}
    assert report.merged + len(report.failures) == 20
    assert (folder / "merged" / "06.png").read_bytes() == b""
    assert not (folder / "merged" / "08.png").exists()


@pytest.mark.parametrize("kind", ["grey", "alpha", "jpeg", "tiff"])
def test_every_kind_of_8_bit_frame_gives_an_8_bit_color_picture(folder, merge, recorded, kind):
    path = folder / "frames" / "04.png"
    path.unlink()
    frame = {
        "grey": recorded.frame[..., 0],
        "alpha": np.dstack([recorded.frame, recorded.frame[..., :1]]),
    }.get(kind, recorded.frame)
    cv2.imwrite(str(path.with_suffix({"jpeg": ".JPG", "tiff": ".tif"}.get(kind, ".png"))), frame)
    assert merge().failures == []
    merged = cv2.imread(str(folder / "merged" / "04.png"), cv2.IMREAD_UNCHANGED)
    assert (merged.dtype, merged.shape) == (np.uint8, recorded.frame.shape)


def test_a_face_at_the_border_or_outside_is_no_reason_to_fail(folder, recorded, settings):
    height, width = recorded.frame.shape[:2]
    places = np.float32([(-60, 0), (width, height), (0, -5000), (1e6, 1e6)])
    frames = list_frames(folder / "frames")[: len(places)]
    faces = {path.stem: [recorded.landmarks + place] for path, place in zip(frames, places, strict=True)}
    (folder / "merged").mkdir()
    usual = settings(color_smoothing=2, landmark_smoothing=2)
    merger = FrameMerger(
        Tracks(frames, faces), recorded.predictor.face, lambda path: usual, MergeOutput(folder / "merged", None)
    )
    report = merge_frames(frames, merger, recorded.predictor, workers=2)
    assert (report.merged, report.failures) == (4, [])
    assert np.array_equal(read_frame(folder / "merged" / frames[3].name), read_frame(frames[3]))
