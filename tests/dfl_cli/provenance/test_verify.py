"""`dfl verify`, and signing what it reads."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import c2pa
import pytest
from PIL import Image

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.provenance.claim import packet
from dfl_cli.provenance.file_metadata import png_with
from dfl_cli.provenance.marking import Marking
from dfl_cli.provenance.signature import ManifestSource, Signer
from dfl_cli.translate import set_language


@pytest.fixture
def frame(tmp_path, png):
    path = tmp_path / "00001.png"
    path.write_bytes(png)
    return path


@pytest.fixture
def marked(tmp_path, png, claim):
    path = tmp_path / "marked.png"
    path.write_bytes(png_with(png, packet(claim)))
    return path


@pytest.fixture(scope="session")
def pair(certificates):
    return certificates()


@pytest.fixture
def signed(tmp_path, png, claim, frame, pair):
    path = tmp_path / "signed.png"
    path.write_bytes(Marking(claim, Signer(pair.chain, pair.key)).mark_png(png, frame))
    return path


def verified(capsys, *arguments):
    code = main(["verify", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)["files"]


def test_a_marked_picture_says_where_it_comes_from(capsys, marked, claim):
    code, [fact] = verified(capsys, marked)
    assert (code, fact["found"], fact["c2pa"], fact["problem"]) == (0, True, None, None)
    assert fact["xmp"] == claim._asdict()


def test_the_words_are_there_in_both_languages(capsys, marked):
    assert main(["verify", str(marked)]) == 0
    assert "composited with content made by a trained model" in capsys.readouterr().out
    assert main(["verify", str(marked), "--lang", "zh"]) == 0
    assert "含有训练模型生成的内容" in capsys.readouterr().out
    set_language("en")


def test_one_file_without_a_word_makes_the_exit_code_1(capsys, marked, frame):
    code, facts = verified(capsys, marked, frame)
    assert (code, [fact["found"] for fact in facts]) == (1, [True, False])


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nrubbish", b"no picture at all"])
def test_a_broken_file_is_explained(tmp_path, capsys, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    assert main(["verify", str(path), str(tmp_path / "missing.png")]) == 1
    told = capsys.readouterr().out
    assert "No such file" in told
    assert "damaged" in told or "no provenance information" in told


def test_a_signed_picture_is_valid_and_trusted_once_its_root_is(capsys, signed, pair):
    code, [fact] = verified(capsys, signed)
    assert (code, fact["c2pa"]["state"], fact["c2pa"]["signer"]) == (0, "valid", "Test Signer")
    code, [fact] = verified(capsys, signed, "--trust", pair.root)
    assert (code, fact["c2pa"]["state"]) == (0, "trusted")
    root = signed.with_suffix(".pem")
    root.write_text(pair.root.read_text(), encoding="utf-16")  # as PowerShell writes a file with >
    assert verified(capsys, signed, "--trust", root)[1] == [fact]


def test_the_library_reads_actions_and_ingredients(signed, claim):
    manifest = c2pa.Reader("image/png", io.BytesIO(signed.read_bytes())).get_active_manifest()
    [actions] = [a["data"]["actions"] for a in manifest["assertions"] if a["label"].startswith("c2pa.actions")]
    assert [action["action"] for action in actions] == ["c2pa.opened", "c2pa.edited"]
    assert actions[1]["digitalSourceType"] == claim.source_type
    assert actions[1]["softwareAgent"] == {"name": "dfl", "version": "0.1.0"}
    made_from = {each["relationship"]: each for each in manifest["ingredients"]}
    assert made_from["parentOf"]["title"] == "00001.png"
    assert made_from["inputTo"]["title"] == claim.system
    assert made_from["inputTo"]["description"] == claim.system_version


def test_a_signed_jpeg_is_checked_too(capsys, tmp_path, claim, frame, pair):
    plain, path = io.BytesIO(), tmp_path / "signed.jpg"
    Image.new("RGB", (40, 40)).save(plain, "JPEG")
    with path.open("w+b") as target:
        Signer(pair.chain, pair.key).sign(plain, target, "image/jpeg", ManifestSource("signed.jpg", claim, frame))
    code, [fact] = verified(capsys, path)
    assert (code, fact["kind"], fact["c2pa"]["state"]) == (0, "JPEG", "valid")


def test_changed_pixels_break_the_signature_and_the_exit_code_says_so(capsys, signed):
    content = bytearray(signed.read_bytes())
    content[-40] ^= 1
    signed.write_bytes(content)
    code, [fact] = verified(capsys, signed)
    assert (code, fact["found"], fact["c2pa"]["state"]) == (1, False, "invalid")
    assert "assertion.dataHash.mismatch" in fact["c2pa"]["problems"]


def test_a_damaged_manifest_is_an_answer_not_a_crash(capsys, signed):
    whole = signed.read_bytes()
    begin = whole.index(b"caBX")
    for place in range(begin, begin + 4000, 97):
        signed.write_bytes(whole[:place] + b"\xff\xff\xff\xff" + whole[place + 4 :])
        code, [fact] = verified(capsys, signed)
        assert code in (0, 1)
        assert code or (fact["c2pa"] or {}).get("state") != "invalid"


def test_a_frame_that_was_signed_keeps_its_history(tmp_path, png, claim, signed, pair):
    again = Marking(claim, Signer(pair.chain, pair.key)).mark_png(png, signed)
    manifests = json.loads(c2pa.Reader("image/png", io.BytesIO(again)).json())["manifests"]
    assert len(manifests) == 2


def test_several_threads_sign_at_once(png, claim, frame, pair, tmp_path, capsys):
    marking = Marking(claim, Signer(pair.chain, pair.key))
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda _: marking.mark_png(png, frame), range(12)))
    for number, content in enumerate(files):
        (tmp_path / f"s{number}.png").write_bytes(content)
    code, facts = verified(capsys, *sorted(tmp_path.glob("s*.png")))
    assert code == 0
    assert {fact["c2pa"]["state"] for fact in facts} == {"valid"}


def test_what_cannot_sign_is_said_before_anything_is_signed(certificates, pair, tmp_path):
    other, old = certificates(), certificates(timedelta(days=-60), timedelta(days=-30))
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    wrong = [(pair.chain, other.key), (old.chain, old.key), (rubbish, pair.key), (pair.chain, rubbish)]
    for chain, key in wrong:
        with pytest.raises(UserError, match="Cannot sign"):
            Signer(chain, key)
    with pytest.raises(UserError, match=r"gone\.pem"):
        Signer(tmp_path / "gone.pem", pair.key)


def test_without_the_library_a_manifest_is_still_seen(capsys, signed, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "c2pa", None)
    monkeypatch.delitem(sys.modules, "dfl_cli.provenance.signature")
    monkeypatch.delattr("dfl_cli.provenance.signature")
    code, [fact] = verified(capsys, signed)
    assert (code, fact["c2pa"]) == (0, {"state": "unchecked"})
