"""The networks that come with the program are what docs/networks.md says, or are refused."""

import hashlib
import shutil
from pathlib import Path

import pytest

from dfl_cli.errors import explain
from dfl_cli.face_networks.bundled import FOLDER, SHA256, network_bytes, tables
from dfl_cli.face_networks.expression import names
from models.installed_file import DamagedNetwork

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", SHA256)
def test_a_network_is_read_and_its_sum_is_in_the_documentation(name):
    assert hashlib.sha256(network_bytes(name)).hexdigest() == SHA256[name]
    assert SHA256[name] in (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")


def test_a_network_of_which_a_byte_has_changed_is_refused_with_advice(tmp_path):
    path = Path(shutil.copy(FOLDER / "yunet.onnx", tmp_path))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedNetwork) as caught:
        network_bytes("yunet", tmp_path)
    advice = explain(caught.value)
    assert advice.saw == str(path)
    assert "Reinstall" in advice.fix


def test_a_network_that_is_missing_is_refused(tmp_path):
    with pytest.raises(DamagedNetwork):
        network_bytes("mesh", tmp_path)


def test_each_comes_with_its_license():
    notice = (FOLDER / "NOTICE.txt").read_text(encoding="utf-8")
    assert all(f"{name}.onnx" in notice for name in SHA256)
    for license_file in ("LICENSE-MIT.txt", "LICENSE-Apache-2.0.txt"):
        assert license_file in notice
        assert (FOLDER / license_file).stat().st_size > 1000


def test_tables_have_the_lengths_that_the_networks_need():
    assert len(tables()["mesh_to_68"]) == 68
    assert len(tables()["expression_input"]) == 146
    assert len(names()) == 52
