"""Text files as people leave them: in the encodings of Windows' editors, with any ends of lines.

Read is what can only be meant in one way; a file that several encodings fit differently is refused, with the line.
"""

import codecs
import re
from pathlib import Path

from dfl_cli.translate import tr
from samplers.files.regular_file import LARGEST_TABLE, LARGEST_TEXT, read_regular

MARKS = (  # UTF-32 before UTF-16, whose little-endian mark begins the same
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Quotes, dashes, ellipsis and the non-breaking space: the same bytes in all of Windows' single-byte encodings.
COMMON_PUNCTUATION = bytes([0x82, 0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA0, 0xAB, 0xBB])
# In nearly every Chinese text, and no plausible letters in Windows' single-byte encodings when they are written in GB18030.
CHINESE_MARKS = "\u3000、。“”，：（）＝的一不"
STRING_OR_COMMENT = rb"""("(?:\\.|[^"\\\n])*"|'[^'\n]*')|#[^\n]*"""
LONGEST_SHOWN = 80  # characters of a line in a message


class UnknownEncoding(ValueError):
    """More than one encoding fits `path`, or none; `encoding` is the likeliest, in which `line` (from 1) reads `text`."""

    def __init__(self, path: Path, encoding: str, line: int, text: str):
        super().__init__(path, encoding, line, text)
        self.path, self.encoding, self.line, self.shown = path, encoding, line, shown(text)

    def __str__(self) -> str:
        return tr("not UTF-8; line {line} read as {encoding}: {text}",
                  line=self.line, encoding=self.encoding, text=self.shown)  # fmt: skip


def read_text(path: Path, *, comments: bool = False, limit: int = LARGEST_TEXT) -> str:
    r"""The text of a file, its lines ended by `\n`, without byte order mark and trailing NULs.

    Args:
        comments: `#` begins a comment, whose encoding does not matter.
        limit: bytes; more are not read.

    Raises:
        UnknownEncoding
        OSError: SpecialFile and FileTooLarge, too.
    """
    content = read_regular(path, limit=limit)
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return decoded(content[len(mark) :], encoding, path)
    content = content.rstrip(b"\0")  # of a file that was cut short by a crash
    if encoding := unmarked_utf16(content):
        return decoded(content, encoding, path)
    try:
        return cleaned(content.decode("utf-8"))
    except UnicodeDecodeError:
        return read_legacy(cleaned_bytes(content), path, comments=comments)


def read_table(path: Path) -> str:
    """The text of a table of numbers, comma-separated also where Excel has written it in its own ways.

    What no encoding fits, as after a crash, is in it as U+FFFD. Raises OSError.
    """
    try:
        text = read_text(path, limit=LARGEST_TABLE)
    except UnknownEncoding:
        return read_regular(path, limit=LARGEST_TABLE).decode(errors="replace")
    header = text.partition("\n")[0]
    for separator in ";\t":
        if separator in header:  # then a comma is the decimal one
            return text.replace(",", ".").replace(separator, ",")
    return text


def decoded(content: bytes, encoding: str, path: Path) -> str:
    """`content` in an encoding that is known. A last character that is cut off in its zero byte is completed."""
    unit = {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)
    content += bytes(-len(content) % unit)
    try:
        return cleaned(content.decode(encoding))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding)
        raise UnknownEncoding(path, encoding.upper(), before.count("\n") + 1, before.rpartition("\n")[2]) from None


def unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 by the zero bytes of its ASCII characters, which all lie on one side; None for anything else."""
    high, low = content[1::2].count(0), content[0::2].count(0)
    if max(high, low) * 8 < len(content):
        return None
    if high > 4 * low:
        return "utf-16-le"
    return "utf-16-be" if low > 4 * high else None


def read_legacy(content: bytes, path: Path, *, comments: bool) -> str:
    """Text in an encoding from before Unicode, lines ended by LF."""
    judged = re.sub(STRING_OR_COMMENT, rb"\1", content) if comments else content
    high = bytes(byte for byte in judged if byte > 127)
    text = strictly(content, "gb18030")
    if text is not None and is_chinese(text, strictly(judged, "gb18030") or ""):
        return text
    if not high.strip(COMMON_PUNCTUATION):
        return content.decode("cp1252", "replace")
    guess = "GB18030" if is_gb2312(strictly(judged, "gb18030")) else "Windows-1252"
    number, line = next(
        (number, line) for number, line in enumerate(judged.split(b"\n"), start=1) if not line.isascii()
    )
    raise UnknownEncoding(path, guess, number, line.decode("gb18030" if guess == "GB18030" else "cp1252", "replace"))


def is_chinese(text: str, judged: str) -> bool:
    """Whether `text` is Chinese beyond doubt, and all that matters of it (`judged`) is in common characters."""
    return is_gb2312(judged) and any(mark in text for mark in CHINESE_MARKS)


def is_gb2312(text: str | None) -> bool:
    if text is None:
        return False
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def cleaned(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\0\x1a")  # 1A: the end of a file in DOS
    return text.removeprefix("\ufeff")


def cleaned_bytes(content: bytes) -> bytes:
    """As `cleaned`, in an encoding that leaves ASCII's control characters alone."""
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\0\x1a")


def shown(line: str) -> str:
    """A line out of a file, safe for the terminal."""
    line = "".join(letter if letter.isprintable() else " " for letter in line.strip())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"
