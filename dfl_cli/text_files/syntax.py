"""TOML and JSON as people type them: with typographic quotes, full-width signs and invisible characters between the values.

A file that is right as it stands is never changed; one that is not is parsed again with the signs its format has.
"""

import json
import re
import unicodedata
from typing import Any

from dfl_cli.text_files import toml
from dfl_cli.text_files.encoding import shown
from dfl_cli.translate import tr

DOUBLE, SINGLE = "“”„‟＂″〝〞«»「」『』", "‘’‚‛＇′‹›`´"  # what editors and input methods make of " and '
SIGNS = str.maketrans({"【": "[", "】": "]", "〔": "[", "〕": "]", "、": ",", "。": ".", "–": "-", "—": "-", "−": "-",
                       "‐": "-", "‑": "-", "\u2028": " ", "\u2029": " "})  # fmt: skip
TOKEN = re.compile(
    rf'''(?P<path>"[A-Za-z]:\\(?!\\)[^"\n]*")
    |(?P<plain>"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<comment>[#＃][^\n]*)
    |["{DOUBLE}](?P<double>[^\n"{DOUBLE}]*)["{DOUBLE}]
    |['{SINGLE}](?P<single>[^\n'{SINGLE}]*)['{SINGLE}]
    |(?P<between>.|\n)''',
    re.VERBOSE,
)
DEEPEST = 20  # brackets in brackets, parts of a key
KEY_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
NESTING = re.compile(
    rf'''(?P<key>(?<![\w-])(?:{KEY_PART}){{{DEEPEST}}})
    |"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[#＃][^\n]*
    |(?P<opening>[\[{{])|(?P<closing>[\]}}])''',
    re.VERBOSE,
)
PLACE = re.compile(r"\(at line (\d+), column \d+\)")


class NotParsed(ValueError):
    """The text is not in its format; the message names the line. `repeated`: it only says something twice."""

    def __init__(self, message: str, *, repeated: bool = False):
        super().__init__(message)
        self.repeated = repeated


def parse_toml(text: str) -> tuple[dict[str, Any], str]:
    """The values of a TOML file, and its text as it was parsed, line by line that of the file. Raises NotParsed."""
    text = TOKEN.sub(with_literal_path, text)
    check_nesting(text)
    try:
        return toml.loads(text), text
    except ValueError:  # TOMLDecodeError is one
        plain = plain_signs(text)
    check_nesting(plain)
    try:
        return toml.loads(plain), plain
    except toml.TOMLDecodeError as error:
        raise toml_problem(str(error), text) from None
    except ValueError:
        raise NotParsed(tr("a number has too many digits")) from None


def parse_json(text: str) -> Any:
    """The value of a JSON file. Raises NotParsed."""
    try:
        return json_value(text)
    except json.JSONDecodeError as error:
        if text.isascii():  # nothing to replace
            raise NotParsed(at_line(error.lineno, text)) from None
    try:
        return json_value(plain_signs(text, single='"'))
    except json.JSONDecodeError as error:
        raise NotParsed(at_line(error.lineno, text)) from None


def json_value(text: str) -> Any:
    """Raises JSONDecodeError for one place in it, NotParsed for the whole."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise NotParsed(tr("a number has too many digits")) from None
    except RecursionError:
        raise NotParsed(tr("too deeply nested")) from None


def check_nesting(text: str) -> None:
    """Raises NotParsed for brackets or dotted keys that are far deeper than those of any answers file.

    The parser calls itself for each bracket, and its time grows with the square of the parts of a key.
    """
    depth = 0
    for token in NESTING.finditer(text):
        kind = token.lastgroup
        depth += (kind == "opening") - (kind == "closing")
        if depth > DEEPEST or kind == "key":
            line = text.count("\n", 0, token.start()) + 1
            raise NotParsed(tr("line {line} is too deeply nested", line=line))


def plain_signs(text: str, *, single: str = "'") -> str:
    """`text` with ASCII's signs outside its strings; `single` stands for single quotes."""

    def plain(token: re.Match) -> str:
        kind, found = token.lastgroup, token.group()
        if kind == "comment":
            return "#" + "".join(letter for letter in found[1:] if letter.isprintable() or letter == "\t")
        if kind in ("double", "single"):
            quote = '"' if kind == "double" else single
            return quote + token[kind] + quote
        return sign(found) if kind == "between" else found

    return TOKEN.sub(plain, text)


def sign(letter: str) -> str:
    """What a letter outside strings stands for: a full-width form for the narrow one, any blank for a blank."""
    letter = letter.translate(SIGNS)
    if letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cf"):
        return ""
    return unicodedata.normalize("NFKC", letter)


def with_literal_path(token: re.Match) -> str:
    r"""`"C:\temp"` means a folder, not a C, a colon and a tab."""
    if token.lastgroup != "path":
        return token.group()
    return '"' + token.group()[1:-1].replace("\\", "\\\\") + '"'


def toml_problem(message: str, text: str) -> NotParsed:
    place = PLACE.search(message)
    number = int(place[1]) if place else text.rstrip().count("\n") + 1  # "(at end of document)"
    if "overwrite" in message or "twice" in message:
        again = tr("line {line} sets a key again: {text}", line=number, text=line_of(text, number))
        return NotParsed(again, repeated=True)
    return NotParsed(at_line(number, text))


def at_line(number: int, text: str) -> str:
    return tr("line {line}: {text}", line=number, text=line_of(text, number))


def line_of(text: str, number: int) -> str:
    return shown(text.split("\n")[number - 1])
