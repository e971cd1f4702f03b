"""Text files in the encodings of Windows' editors: what is read, and what is refused with the line."""

import pytest

from dfl_cli.errors import explain
from dfl_cli.text_files.encoding import UnknownEncoding, read_table, read_text
from dfl_cli.translate import set_language

ANSWERS = '# 批量大小：整数，越大越慢\nbatch_size = 8\narchi = "df-ud"\n'


def written(tmp_path, content: bytes):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_the_same_in_every_encoding_and_with_every_end_of_line(tmp_path, encoding, end):
    path = written(tmp_path, ANSWERS.replace("\n", end).encode(encoding))
    assert read_text(path, comments=True) == ANSWERS


@pytest.mark.parametrize("mark", ["utf-16-be", "utf-32-be"])
def test_big_endian_marks_are_known(tmp_path, mark):
    assert read_text(written(tmp_path, ("\ufeff" + ANSWERS).encode(mark))) == ANSWERS


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp1251", "big5", "shift_jis", "cp949"])
def test_the_encoding_of_comments_does_not_matter(tmp_path, encoding):
    comment = {
        "cp1252": "Größe, é",
        "cp1250": "žluť",
        "cp1251": "размер",
        "big5": "大小",
        "shift_jis": "サイズ",
        "cp949": "크기",
    }
    text = f'batch_size = 8  # {comment[encoding]}\narchi = "df # ud"\n'
    first, second, _ = read_text(written(tmp_path, text.encode(encoding)), comments=True).split("\n")
    assert first.startswith("batch_size = 8  # ")
    assert second == 'archi = "df # ud"'


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp1251"])
def test_quotes_have_one_place_in_all_western_encodings(tmp_path, encoding):
    assert read_text(written(tmp_path, "archi\xa0= “df-ud”\n".encode(encoding))) == "archi\xa0= “df-ud”\n"


def test_chinese_signs_without_a_comment_are_chinese(tmp_path):
    assert read_text(written(tmp_path, "archi\u3000＝ “df-ud”\n".encode("gbk"))) == "archi\u3000＝ “df-ud”\n"


def test_a_value_is_read_where_the_rest_of_the_file_is_chinese_beyond_doubt(tmp_path):
    text = "# 模型的路径\nsuper_resolution_model = 'D:\\模型\\x.onnx'\n"
    assert read_text(written(tmp_path, text.encode("gbk")), comments=True) == text


@pytest.mark.parametrize(
    ("text", "encoding", "guess"),
    [
        ("MODÈLE", "cp1252", "Windows-1252"),
        ("модель", "cp1251", "GB18030"),
        ("模型", "gbk", "GB18030"),
        ("モデル", "shift_jis", "Windows-1252"),
    ],
)
def test_a_value_that_could_be_another_text_is_refused_with_the_guess_and_the_line(tmp_path, text, encoding, guess):
    path = written(tmp_path, f'batch_size = 8\r\nsuper_resolution_model = "{text}.onnx"\r\n'.encode(encoding))
    with pytest.raises(UnknownEncoding) as refused:
        read_text(path, comments=True)
    assert (refused.value.line, refused.value.encoding) == (2, guess)


def test_the_refusal_speaks_both_languages(tmp_path):
    path = written(tmp_path, 'super_resolution_model = "模型.onnx"'.encode("gbk"))
    with pytest.raises(UnknownEncoding) as refused:
        read_text(path)
    advice = explain(refused.value)
    assert advice.saw == 'line 1, read as GB18030: super_resolution_model = "模型.onnx"'
    assert "UTF-8" in advice.fix
    set_language("zh")
    assert explain(refused.value).saw.startswith("第 1 行，按 GB18030 读作")


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\x1a", b"\n\0", "\ufeff".encode() * 0])
def test_what_a_crash_or_dos_leaves_at_the_end_is_no_text(tmp_path, tail):
    assert read_text(written(tmp_path, b"batch_size = 8" + tail)).strip() == "batch_size = 8"


def test_a_broken_byte_in_a_marked_text_names_its_line(tmp_path):
    with pytest.raises(UnknownEncoding) as refused:
        read_text(written(tmp_path, b"\xef\xbb\xbfbatch_size = 8\narchi = \xff\n"))
    assert (refused.value.encoding, refused.value.line) == ("UTF-8", 2)


@pytest.mark.parametrize(
    "saved",
    [
        "iteration,seconds,src_loss\n1,0.25,0.5\n".encode("utf-8-sig"),
        b"iteration;seconds;src_loss\r\n1;0,25;0,5\r\n",
        "iteration\tseconds\tsrc_loss\r\n1\t0.25\t0.5\r\n".encode("utf-16"),
    ],
)
def test_a_table_saved_by_excel_is_the_table(tmp_path, saved):
    assert read_table(written(tmp_path, saved)) == "iteration,seconds,src_loss\n1,0.25,0.5\n"
