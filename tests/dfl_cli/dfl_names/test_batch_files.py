"""The steps of DeepFaceLab's batch files, typed as command lines: each is understood; the cheap ones are run on a drawn workspace."""

import shutil
from pathlib import Path

import cv2
import pytest

from command_lines import parse
from dfl_cli.dfl_names.command import run_dfl_line
from dfl_cli.main import main
from tiny_models import write_model

SRC, DST = "workspace/data_src/aligned", "workspace/data_dst/aligned"
TRAIN = f"train --training-data-src-dir {SRC} --training-data-dst-dir {DST} --model-dir workspace/model --model"
MERGE = (
    "merge --input-dir workspace/data_dst --output-dir workspace/data_dst/merged --output-mask-dir "
    f"workspace/data_dst/merged_mask --aligned-dir {DST} --model-dir workspace/model --model"
)
JOIN = "videoed video-from-sequence --input-dir workspace/data_dst/merged --reference-file workspace/data_dst.* --include-audio"
STEPS = {
    "2) extract images from video data_src": "videoed extract-video --input-file workspace/data_src.* --output-dir workspace/data_src",
    "3) cut video": "videoed cut-video --input-file workspace/data_dst.mp4",
    "3) extract images from video data_dst FULL FPS": (
        "videoed extract-video --input-file workspace/data_dst.* --output-dir workspace/data_dst --fps 0"
    ),
    "3.optional) denoise data_dst images": "videoed denoise-image-sequence --input-dir workspace/data_dst --factor 7",
    "4) data_src faceset extract": (
        f"extract --input-dir workspace/data_src --output-dir {SRC} --detector s3fd --max-faces-from-image 0 --output-debug"
    ),
    "4) data_src faceset extract MANUAL": f"extract --input-dir workspace/data_src --output-dir {SRC} --detector manual",
    "4.2) data_src sort": f"sort --input-dir {SRC}",
    "4.2) data_src util add landmarks debug images": f"util --input-dir {SRC} --add-landmarks-debug-images",
    "4.2) data_src util faceset enhance": f"facesettool enhance --input-dir {SRC}",
    "4.2) data_src util faceset metadata save": f"util --input-dir {SRC} --save-faceset-metadata",
    "4.2) data_src util faceset metadata restore": f"util --input-dir {SRC} --restore-faceset-metadata",
    "4.2) data_src util faceset pack": f"util --input-dir {SRC} --pack-faceset",
    "4.2) data_src util faceset unpack": f"util --input-dir {SRC} --unpack-faceset",
    "4.2) data_src util faceset resize": f"facesettool resize --input-dir {SRC}",
    "4.2) data_src util recover original filename": f"util --input-dir {SRC} --recover-original-aligned-filename",
    "5) data_dst faceset extract": (
        f"extract --input-dir workspace/data_dst --output-dir {DST} --detector s3fd --max-faces-from-image 0 --output-debug"
    ),
    "5) data_dst faceset extract + manual fix": (
        f"extract --input-dir workspace/data_dst --output-dir {DST} --detector s3fd --max-faces-from-image 0 --output-debug --manual-fix"
    ),
    "5) data_dst faceset MANUAL RE-EXTRACT DELETED ALIGNED_DEBUG": (
        f"extract --input-dir workspace/data_dst --output-dir {DST} --detector manual --output-debug --manual-output-debug-fix"
    ),
    "5.XSeg) data_dst mask - edit": f"xseg editor --input-dir {DST}",
    "5.XSeg) data_dst mask - fetch": f"xseg fetch --input-dir {DST}",
    "5.XSeg) data_dst mask - remove": f"xseg remove_labels --input-dir {DST}",
    "5.XSeg) data_dst trained mask - apply": f"xseg apply --input-dir {DST} --model-dir workspace/model",
    "5.XSeg) data_dst trained mask - remove": f"xseg remove --input-dir {DST}",
    "5.XSeg) train": f"{TRAIN} XSeg",
    "6) train SAEHD": f"{TRAIN} SAEHD --pretraining-data-dir pretrain_faces",
    "6) train Quick96": f"{TRAIN} Quick96 --pretrained-model-dir pretrain_Quick96",
    "6) train AMP SRC-SRC": f"train --training-data-src-dir {SRC} --training-data-dst-dir {SRC} --model-dir workspace/model --model AMP",
    "6) train AMP": f"{TRAIN} AMP --pretraining-data-dir pretrain_faces",
    "7) merge SAEHD": f"{MERGE} SAEHD",
    "7) merge Quick96": f"{MERGE} Quick96",
    "7) merge AMP": f"{MERGE} AMP",
    "8) merged to mp4": f"{JOIN} --output-file workspace/result.mp4",
    "8) merged to mp4 lossless": f"{JOIN} --output-file workspace/result.mp4 --lossless",
    "8) merged to mov lossless": f"{JOIN} --output-file workspace/result.mov --lossless",
    "8) merged to avi": f"{JOIN} --output-file workspace/result.avi",
}
REFUSED = {
    "4) data_src faceset extract MANUAL": "dfl extract review",
    "5) data_dst faceset MANUAL RE-EXTRACT DELETED ALIGNED_DEBUG": "dfl extract review",
    "4.2) data_src util faceset enhance": "--network FILE",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_understood(step, capsys):
    code, said = run_dfl_line(STEPS[step].split(), parse), capsys.readouterr().err
    assert code == (2 if step in REFUSED else 0), said
    assert REFUSED.get(step, "") in said


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a workspace of two drawn people and a tiny model."""
    from dfl_cli.demo.people import SyntheticPlan, write_workspace
    from models.engine import runtime

    home = tmp_path_factory.mktemp("home")
    write_workspace(home / "workspace", SyntheticPlan(src_faces=3, dst_frames=3, frame_size=(160, 160), face_size=64))
    runtime.prepare("cpu")
    write_model(home / "workspace" / "model" / "film", "SAEHD")
    return home


@pytest.fixture
def workspace(home, tmp_path, monkeypatch) -> Path:
    """A copy of it, in the current folder."""
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "workspace"


def run(step: str) -> int:
    return main(STEPS[step].split())


def test_sorting_packing_and_unpacking(workspace, capsys):
    assert main([*STEPS["4.2) data_src sort"].split(), "--by", "face-yaw"]) == 0
    assert run("4.2) data_src util faceset pack") == 0
    assert (workspace / "data_src" / "aligned" / "faceset.pak").is_file()
    for path in (workspace / "data_src" / "aligned").glob("*.jpg"):
        path.unlink()
    assert run("4.2) data_src util faceset unpack") == 0
    assert len(list((workspace / "data_src" / "aligned").glob("*.jpg"))) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_small_utilities(workspace, language, monkeypatch, capsys):
    monkeypatch.setenv("DFL_LANG", language)
    faces = workspace / "data_src" / "aligned"
    names = sorted(path.name for path in faces.glob("*.jpg"))
    assert main([*STEPS["4.2) data_src sort"].split(), "--by", "hue"]) == 0
    for what in ("recover original filename", "faceset metadata save", "add landmarks debug images"):
        assert run(f"4.2) data_src util {what}") == 0
    assert sorted(path.name for path in faces.glob("*.jpg")) == names
    for name in names:
        cv2.imwrite(str(faces / name), cv2.imread(str(faces / name)))  # as an image editor does, without the face data
    assert run("4.2) data_src util faceset metadata restore") == 0
    assert main([*STEPS["4.2) data_src util faceset resize"].split(), "--size", "128"]) == 0
    assert cv2.imread(str(workspace / "data_src" / "aligned_128" / names[0])).shape == (128, 128, 3)
    assert len(list((workspace / "data_src" / "aligned_landmarks").glob("*.jpg"))) == len(names)
    assert run("3.optional) denoise data_dst images") == 0
    assert len(list((workspace / "data_dst_denoised").glob("*.*g"))) == 3
    assert "dfl faceset restore-metadata" in capsys.readouterr().err


def test_faces_without_labels_have_nothing_to_fetch_or_to_remove(workspace, capsys):
    for step in ("fetch", "remove"):
        assert run(f"5.XSeg) data_dst mask - {step}") == 0
    assert "has labels" in capsys.readouterr().out


def test_merging_and_making_a_video(workspace, capsys):
    assert run("7) merge SAEHD") == 0
    assert len(list((workspace / "data_dst" / "merged").glob("*.png"))) == 3
    assert len(list((workspace / "data_dst" / "merged_mask").glob("*.png"))) == 3
    line = f"videoed video-from-sequence --input-dir {workspace}/data_dst/merged --output-file result.mp4 --fps 25 --bitrate 1"
    assert main(line.split()) == 0 and Path("result.mp4").is_file()
    capsys.readouterr()
    assert main([*line.replace(".mp4", ".avi").split(), "--ext", "png"]) == 1
    said = capsys.readouterr().err
    assert ".mp4, .mov" in said and "--ext: Not needed" in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_class_must_be_that_of_the_model(workspace, language, capsys):
    line = [*STEPS["7) merge AMP"].split(), "--force-model-name", "film"]
    assert main(["--lang", language, *line]) == 1
    assert "--model SAEHD" in capsys.readouterr().err
    assert run("7) merge Quick96") == 1  # there is none of that class
    assert not list((workspace / "data_dst" / "merged").glob("*.png"))
