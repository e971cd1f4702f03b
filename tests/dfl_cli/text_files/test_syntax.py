"""TOML and JSON with the signs of editors and input methods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.options.answers_file import literal
from dfl_cli.text_files import toml
from dfl_cli.text_files.syntax import NotParsed, parse_json, parse_toml
from dfl_cli.translate import set_language


@pytest.mark.parametrize(
    "line",
    [
        "archi = “df-ud”",
        "archi ＝ ＂df-ud＂",
        "archi = „df-ud“",
        "archi = «df-ud»",
        "archi = ‘df-ud’",
        'archi = "df-ud”',
        "archi = 「df-ud」",
        "archi\u3000=\u00a0'df-ud'",
        "\u200barchi = 'df-ud'\u200e",
        "ａｒｃｈｉ = 'df-ud'",
        "archi = 'df-ud' ＃ “注释”",
        "archi = 'df-ud'\ufeff",
        "archi = 'df-ud' # a bell\a",
    ],
)
def test_signs_that_can_only_mean_one_thing_are_read(line):
    assert parse_toml(line)[0] == {"archi": "df-ud"}


def test_numbers_and_brackets_of_an_input_method():
    text = (
        "batch_size ＝ １６\n【【stage】】\ngan_power = ｛from = 0．0，to = 0.1，over = 20｝\n［［stage］］\nlr = −1\n"
    )
    values, plain = parse_toml(text)
    ramp = {"from": 0.0, "to": 0.1, "over": 20}
    assert values == {"batch_size": 16, "stage": [{"gan_power": ramp}, {"lr": -1}]}
    assert plain.split("\n")[3] == "[[stage]]"


def test_text_inside_strings_stays_as_it_is():
    assert parse_toml("a = “Zoë’s　＝ 模型”")[0] == {"a": "Zoë’s　＝ 模型"}


@pytest.mark.parametrize("path", [r"C:\temp\new.onnx", r"D:\Users\模型\x.onnx", "E:\\", r"C:\u.onnx"])
def test_a_windows_path_in_double_quotes_is_a_path(path):
    assert parse_toml(f'model = "{path}"')[0] == {"model": path}
    assert parse_toml(f"model = {literal(path)}")[0] == {"model": path}
    assert parse_toml(f"model = '{path}'")[0] == {"model": path}


@given(st.dictionaries(st.text("abc", min_size=1), st.text() | st.integers() | st.booleans()))
def test_what_is_toml_already_is_read_as_it_stands(values):
    text = "".join(f"{key} = {literal(value)}\n" for key, value in values.items())
    drive = any(isinstance(value, str) and value[1:2] == ":" for value in values.values())
    assert drive or parse_toml(text)[0] == toml.loads(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\narchi = df\n", "line 2: archi = df"),
        ("a = 1\n\na = “2”\n", "line 3 sets a key again: a = “2”"),
        ("[half", "line 1: [half"),
        ("a = “b\n", "line 1: a = “b"),
    ],
)
def test_what_is_not_toml_is_refused_with_the_line(text, problem):
    with pytest.raises(NotParsed) as refused:
        parse_toml(text)
    assert str(refused.value) == problem


def test_the_line_is_named_in_chinese():
    set_language("zh")
    with pytest.raises(NotParsed, match="第 2 行：archi = df"):
        parse_toml("a = 1\narchi = df\n")


def test_json_with_typographic_signs_is_read():
    assert parse_json('｛“batch_size”：８，‘archi’: "df"｝') == {"batch_size": 8, "archi": "df"}


def test_what_is_not_json_is_refused_with_the_line():
    with pytest.raises(NotParsed, match='line 2: "b" 2'):
        parse_json('{"a": 1,\n"b" 2}')


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "x = 1\na = " + "[" * 100_000 + "]" * 100_000,
        "a = " + "{a=" * 100_000,
        "a." * 100_000 + "b = 1",
        "['a'." + '"b".' * 100_000 + "c]",
        "a = " + "［" * 100_000,
    ],
)
def test_toml_of_any_depth_ends_in_a_sentence_at_once(text):
    with pytest.raises(NotParsed, match=r"line [12] is too deeply nested"):
        parse_toml(text)


def test_brackets_in_strings_and_comments_nest_nothing():
    deep = "[" * 100 + "{a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v"
    assert parse_toml(f"a = '{deep}'\n# {deep}\nb = '''\n{deep}'''\nc = [[1]]")[0] == {
        "a": deep,
        "b": deep,
        "c": [[1]],
    }


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "，" + "[" * 100_000, '{"a": ' + "1" * 5000 + "}"])
def test_json_of_any_depth_and_length_is_not_parsed(text):
    with pytest.raises(NotParsed):
        parse_json(text)


def test_a_number_of_5000_digits_is_said():
    with pytest.raises(NotParsed, match="too many digits"):
        parse_toml("a = " + "1" * 5000)
