"""Clicks answered by a pair of networks of Segment Anything's kind; here a tiny one that finds red things near the first click."""

import importlib
import os

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.face_networks.onnx_input import declared_values
from dfl_cli.xseg.assist.outlines import iou
from dfl_cli.xseg.assist.segmenter import OpenCVNetwork, Segmenter, UnusableSegmenter
from samplers.files.regular_file import FileTooLarge
from tiny_segmenter import INPUTS, LOW, decoder, encoder


def scene():
    """Two red disks on gray, (96, 128, 3), and the left one's mask."""
    picture, mask = np.full((96, 128, 3), 128, np.uint8), np.zeros((96, 128), np.uint8)
    for middle in ((36, 48), (100, 48)):
        cv2.circle(picture, middle, 20, (40, 30, 230), cv2.FILLED)
    cv2.circle(mask, (36, 48), 20, 1, cv2.FILLED)
    return picture, mask > 0


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    return encoder(folder / "encoder.onnx"), decoder(folder / "decoder.onnx")


@pytest.fixture(scope="module")
def segmenter(pair):
    return Segmenter(*pair)


def test_a_click_finds_what_is_there_and_the_best_mask_counts(segmenter):
    picture, expected = scene()
    found = segmenter.find(segmenter.look(picture), [(36, 48)], [True])
    assert found.mask.shape == (96, 128, 1)
    assert iou(found.mask[..., 0] > 0, expected) >= 0.8
    assert found.score == pytest.approx(0.9)
    assert segmenter.find(segmenter.look(picture), [(68, 5)], [True]).mask.sum() < expected.sum() / 4


def test_a_picture_can_be_asked_about_again_and_again(segmenter):
    picture, expected = scene()
    mask = segmenter.segment(picture, [(36, 48), (120, 5)], [1, 0])
    assert mask.shape == (96, 128, 1)
    assert iou(mask[..., 0] > 0, expected) >= 0.8
    np.testing.assert_array_equal(segmenter.segment(picture, [(36, 48), (120, 5)], [1, 0]), mask)
    for shade in range(10):
        assert segmenter.segment(np.full_like(picture, shade), [(36, 48)], [1]).sum() == 0
    np.testing.assert_array_equal(segmenter.segment(picture, [(36, 48), (120, 5)], [1, 0]), mask)


def test_an_answer_can_be_refined_and_a_box_given(segmenter):
    look = segmenter.look(scene()[0])
    one = segmenter.find(look, [(36, 48)], [True], box=(10, 20, 60, 70))
    both = segmenter.find(look, [(36, 48), (100, 48), (3, 3)], [True, True, False], before=one)
    assert both.mask.sum() >= one.mask.sum()
    assert one.low.shape == both.low.shape == (1, 1, LOW, LOW)


def test_an_encoder_that_takes_pixels_of_any_size(tmp_path):
    """As some exports do: they scale and normalize themselves, and work at 1024 pixels."""
    networks = Segmenter(
        encoder(tmp_path / "encoder.onnx", form="pixels"), decoder(tmp_path / "decoder.onnx", side=1024)
    )
    picture = np.full((128, 128, 3), 128, np.uint8)
    cv2.circle(picture, (36, 48), 20, (40, 30, 230), cv2.FILLED)
    found = networks.find(networks.look(picture), [(36, 48)], [True])
    assert found.mask[48, 36, 0] == 1
    assert found.mask[100, 100, 0] == 0


def test_without_onnx_runtime_opencv_runs_it_or_says_why_not(pair, monkeypatch):
    picture, expected = scene()
    importer = importlib.import_module

    def missing(name, *rest):
        if name == "onnxruntime":
            raise ImportError(name)
        return importer(name, *rest)

    monkeypatch.setattr("dfl_cli.xseg.assist.segmenter.import_module", missing)
    networks = Segmenter(*pair)
    assert isinstance(networks._decoder, OpenCVNetwork)
    found = networks.find(networks.look(picture), [(36, 48)], [True])
    assert iou(found.mask[..., 0] > 0, expected) >= 0.8


@pytest.mark.parametrize("swapped", [True, False])
def test_another_network_is_refused_with_what_was_seen(pair, tmp_path, swapped):
    other = decoder(tmp_path / "other.onnx", inputs=INPUTS | {"extra": [1]})
    with pytest.raises(UnusableSegmenter) as caught:
        Segmenter(*(pair[::-1] if swapped else (pair[0], other)))
    advice = str(caught.value)
    assert ("point_coords (1x?x2)" in advice) if swapped else ("extra (1)" in advice)
    assert "expected" in advice


def test_files_that_are_no_networks_are_refused(pair, tmp_path):
    text = tmp_path / "a.onnx"
    text.write_bytes(b"not a network")
    with pytest.raises(UnusableSegmenter, match="not an ONNX file"):
        Segmenter(text, pair[1])
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(pair[0].read_bytes().replace(b"AveragePool", b"NoSuchLayer"))
    with pytest.raises(UnusableSegmenter, match="NoSuchLayer"):
        Segmenter(broken, pair[1])
    with pytest.raises(FileNotFoundError):
        Segmenter(tmp_path / "none.onnx", pair[1])
    large = tmp_path / "large.onnx"
    large.touch()
    os.truncate(large, 2**31)
    with pytest.raises(FileTooLarge):
        Segmenter(large, pair[1])


def test_masks_of_another_size_are_refused(pair, tmp_path):
    wrong = decoder(tmp_path / "wrong.onnx")
    model = onnx.load(wrong)
    for node in model.graph.node:
        if node.output[0] == "masks":
            node.input[3] = "square"
    onnx.save(model, wrong)
    with pytest.raises(UnusableSegmenter, match="masks \\(1x2x"):
        Segmenter(pair[0], wrong)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_files_declare_something_or_nothing(pair, data):
    content = bytearray(pair[1].read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    inputs, outputs = declared_values(bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]))
    assert all(isinstance(str(each), str) for each in [*inputs, *outputs])
