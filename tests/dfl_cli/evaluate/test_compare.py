"""Two swaps of the same faces compared."""

import argparse
import json
import random
import re
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.evaluate.compare.command import add_arguments, run
from dfl_cli.evaluate.compare.compare import compared, faces_for
from dfl_cli.evaluate.compare.resampling import Samples, interval, samples
from dfl_cli.evaluate.compare.statistics import statistics
from dfl_cli.evaluate.evaluate import Evaluation, Options
from dfl_cli.evaluate.faces import Square
from dfl_cli.evaluate.metrics.score import finite
from dfl_cli.evaluate.scoring import scores_of
from drawn_swap import drawn, write_faces
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.pose_coverage import evenly
from tiny_models import write_model

THERE_AND_BACK = np.r_[0:40, 39:-1:-1]  # 80 frames, as 60 are needed for an interval


def evaluation(material) -> Evaluation:
    return Evaluation(scores_of(material), [], material, {}, [])


def with_frames(material, frames):
    """The same of those frames of the 40, in this order."""

    def taken(arrays, rows):
        return type(arrays)(*(one[rows] for one in arrays))

    return material._replace(
        **{name: taken(getattr(material, name), frames) for name in ("swapped", "swap", "dst")},
        sides={**material.sides, "dst": taken(material.sides["dst"], np.array(evenly(frames, 48)))},
        neighbors=np.arange(len(frames)) > 0,
    )


@pytest.fixture(scope="module")
def long(perfect):
    return with_frames(perfect, THERE_AND_BACK)


@pytest.fixture(scope="module")
def perfect_swap(long):
    return evaluation(long)


@pytest.fixture(scope="module")
def frozen(perfect, reader):
    """The swap whose expression never changes."""
    pictures = drawn("frozen").pictures
    readings = reader.read_all(pictures, drawn("dst").landmarks)
    return evaluation(
        with_frames(perfect._replace(swapped=perfect.swapped._replace(swap=pictures), swap=readings), THERE_AND_BACK)
    )


def test_a_swap_compared_with_itself_differs_by_nothing(perfect_swap):
    found = compared(perfect_swap, perfect_swap).differences
    assert list(found) == list(perfect_swap.scores)
    assert {one.value for one in found.values()} <= {0, None}
    assert {one.low for one in found.values()} | {one.high for one in found.values()} <= {0, None}
    assert {one.better for one in found.values()} == {None}
    assert found["expression_correlation"].high == 0  # there is an interval


def test_a_frozen_expression_loses_where_the_other_moves(perfect_swap, frozen):
    found = compared(frozen, perfect_swap).differences
    for name in ("expression_correlation", "blink_correlation"):
        assert 0 < found[name].low < found[name].value < found[name].high
        assert found[name].better == "b"
    assert found["yaw_error_degrees"].value == pytest.approx(0, abs=1)
    assert found["psnr"].better is None  # the same self-reconstructions


def test_the_other_way_round_the_other_is_better(perfect_swap, frozen):
    one, other = compared(frozen, perfect_swap).differences, compared(perfect_swap, frozen).differences
    for name, difference in one.items():
        if difference.low is not None:
            mirrored = [-other[name].value, -other[name].high, -other[name].low]
            assert list(difference[:3]) == pytest.approx(mirrored, abs=1e-9)
            assert difference.better == {"a": "b", "b": "a", None: None}[other[name].better]


def test_a_blurred_swap_loses_its_sharpness_only_there(perfect_swap, long):
    blurred = np.stack([cv2.GaussianBlur(one, (0, 0), 0.8) for one in long.swapped.swap])
    worse = evaluation(long._replace(swapped=long.swapped._replace(swap=blurred)))  # readings as before
    found = compared(perfect_swap, worse).differences
    assert found["sharpness"].better == "a"
    assert found["sharpness"].high < 0
    assert found["identity_transfer"].better is None


def test_calmer_than_dst_is_no_better_than_dst(perfect_swap, long):
    """A swap that never changes its color has a negative flicker."""
    still = long.swapped._replace(swap=np.full_like(long.swapped.swap, 0.5))
    found = compared(evaluation(long._replace(swapped=still)), perfect_swap).differences
    assert found["flicker"].value > 0
    assert found["flicker"].better == "b"


def test_a_difference_that_the_table_shows_as_nothing_is_no_better(perfect_swap):
    for gain, better in ((1e-4, None), (1e-2, "b")):
        before = perfect_swap.scores["identity_transfer"]
        after = before._replace(value=before.value + gain, per_frame=before.per_frame + gain)
        other = perfect_swap._replace(scores={**perfect_swap.scores, "identity_transfer": after})
        found = compared(perfect_swap, other).differences["identity_transfer"]
        assert found.low == pytest.approx(gain)  # as sure as can be
        assert found.better == better


def test_of_all_frames_each_statistic_is_the_score(frozen):
    everything = Samples(np.arange(80)[None], np.arange(24)[None], 1)
    found = {name: one(everything)[0] for name, one in statistics(frozen.scores, frozen.material).items()}
    assert set(frozen.scores) - set(found) == {"lag", "registration"}
    for name, value in found.items():
        assert frozen.scores[name].value == pytest.approx(finite(value)), name


def test_few_frames_have_no_interval(perfect):
    few = with_frames(perfect, np.arange(12))
    found = compared(evaluation(few), evaluation(few)).differences
    assert {(one.low, one.high, one.better) for one in found.values()} == {(None, None, None)}


def test_samples_consist_of_blocks_of_frames_that_follow_one_another():
    drawn_frames, src_faces, blocks = samples(200, 24)
    assert (drawn_frames.shape, src_faces.shape, blocks) == ((1000, 200), (1000, 24), 10)
    assert (np.diff(drawn_frames.reshape(1000, 10, 20), axis=2) % 200 == 1).all()
    assert np.bincount(drawn_frames.ravel(), minlength=200) == pytest.approx(1000, rel=0.2)
    assert (samples(200, 24).frames == drawn_frames).all()
    assert samples(59, 24) is None


def test_the_interval_is_that_of_student():
    """Six blocks of one number each: the mean lies within 2.57 standard errors."""
    numbers = np.array([-2.0, -1, 0, 0, 1, 2])
    means = numbers[np.random.default_rng(1).integers(6, size=(20000, 6))].mean(axis=1)
    expected = 2.57 * numbers.std(ddof=1) / 6**0.5
    assert interval(means, 0.0, 6) == pytest.approx((-expected, expected), rel=0.08)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Faces of the drawn people, a model with two saves, and a larger one."""
    from models.engine.runtime import prepare

    prepare("cpu")
    root = tmp_path_factory.mktemp("workspace")
    write_faces(root / "data_src" / "aligned", "src", range(6))
    write_faces(root / "data_dst" / "aligned", "dst", range(5))
    for iteration in (7, 14):
        write_model(root / "model" / "face", "SAEHD", iteration=iteration, seed=iteration)
    write_model(root / "model" / "larger", "AMP", resolution=96)
    return root


def dfl_compare(*flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([*map(str, flags), "--cpu"]))


def test_two_saves_of_a_model_are_compared_in_a_table_and_on_a_page(workspace, tmp_path, capsys):
    page = tmp_path / "report.html"
    assert dfl_compare("face@7", "face", "--workspace", workspace, "--html", page) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("A: face, SAEHD, iteration 7\nB: face, SAEHD, iteration 14\n")
    assert re.search(r"identity transfer +-?0\.\d+ +-?0\.\d+ +[+-]?0\.\d+ +– +–", out)  # five frames have no interval
    root = ElementTree.fromstring(page.read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>"))
    assert root.findtext("head/title") == "face@7 and face@14 compared"
    images = root.findall(".//img")
    assert len(images) == 10  # five frames, by landmarks and by identity
    assert all(image.get("src").startswith("data:image/jpeg;base64,") and image.get("alt") for image in images)


def test_models_of_different_sizes_are_compared_on_the_same_frames(workspace, capsys):
    assert dfl_compare("face", "larger", "--workspace", workspace, "--every", 2, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(found[one]["model"], found[one]["class"]) for one in "ab"] == [("face", "SAEHD"), ("larger", "AMP")]
    frames = [[row["frame"] for row in found[one]["per_frame"]] for one in "ab"]
    assert frames == [["00000.png", "00002.png", "00004.png"]] * 2
    psnr = found["difference"]["psnr"]
    assert psnr["value"] == pytest.approx(found["b"]["psnr"] - found["a"]["psnr"], abs=1e-3)
    assert (psnr["low"], psnr["high"], psnr["better"]) == (None, None, None)


def test_a_save_that_is_not_there_names_those_that_are(workspace):
    with pytest.raises(UserError, match="has no save 8") as caught:
        dfl_compare("face", "face@8", "--workspace", workspace)
    assert caught.value.saw == "Available: 14, 7"


def test_the_order_of_the_faces_does_not_matter(workspace):
    """Frames are compared in the order of time, those that both models can be shown."""
    src, dst = (list(open_faceset(workspace / f"data_{side}" / "aligned")) for side in ("src", "dst"))
    squares = [Square(64, FaceType.WHOLE, False), Square(96, FaceType.FULL, False)]
    mixed = [random.Random(1).sample(faces, len(faces)) for faces in (src, dst)]
    in_order, in_disorder = (faces_for(squares, *faces, Options()) for faces in ((src, dst), mixed))
    for one, other in zip(in_order, in_disorder, strict=True):
        assert [face.name for face in one.dst.faces] == [face.name for face in other.dst.faces]
        assert [face.name for face in one.src.real] == [face.name for face in other.src.real]
    assert [one.dst.faces[0].image.shape for one in in_order] == [(64, 64, 3), (96, 96, 3)]
