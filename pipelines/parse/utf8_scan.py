"""Evidence that bytes are UTF-8, nearly UTF-8, or marked as another Unicode or escaped encoding."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from citylake.pipelines.parse.parse_limits import CHUNK_BYTES

_LEAST_NUL_SHARE = 100
"""One NUL in so many bytes is the least that a wide text has."""
_LINES = 5000
"""Lines that are not UTF-8 after which a file is no longer compared with UTF-8."""
_ESCAPED_JAPANESE, _ESCAPED_KOREAN = ("iso2022_jp_2", "iso2022_jp_ext"), ("iso2022_kr",)
_KOREAN_DESIGNATION = b"\x1b$)C"
ESCAPE, HZ_SHIFT = b"\x1b", b"~{"
_DESIGNATION = re.compile(rb"\x1b(?:\$\)C|\$[@AB()]|\([BIJ])")
_HZ_TEXT = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_LINE_ENDS, _NO_TEXT = frozenset("\r\n"), frozenset(("Cc", "Cn", "Cs", "Co"))
_LONG_SEQUENCE = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_MULTI_BYTE = {"gb18030", "big5", "big5hkscs", "cp950", "cp949", "euc_kr", "cp932", "shift_jis", "euc_jp", "johab"}
_MISDECLARED_PAIRS = 6
"""Two-byte sequences of UTF-8 up to which the valid UTF-8 of another multi-byte encoding may be chance."""


@dataclass(frozen=True, slots=True)
class BadByte:
    """The first byte that an encoding does not have: its line, its offset in the file (both from 1), and its value."""

    row: int
    offset: int
    byte: str


def first_undecodable_byte(path: Path, encoding: str) -> BadByte | None:
    """The first byte of ``path`` that is not in ``encoding``; None if all are. Memory is bounded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row, before = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                row += decoder.decode(chunk, not chunk).count("\n")
            except UnicodeError as error:
                return _locate(error, encoding, row, before, chunk)
            if not chunk:
                return None
            before += len(chunk)


def _locate(error: UnicodeError, encoding: str, row: int, before: int, chunk: bytes) -> BadByte:
    """``before``: bytes ahead of ``chunk``. A decoder puts the start of a cut character in front of the chunk."""
    data, start = getattr(error, "object", chunk), max(0, getattr(error, "start", 0))
    row += data[:start].decode(encoding, "replace").count("\n")
    return BadByte(row, before + start - (len(data) - len(chunk)) + 1, data[start : start + 1].hex().upper())


class Utf8Lines(NamedTuple):
    """Lines with other than ASCII: UTF-8 with a sequence of three bytes or more, other UTF-8, and not UTF-8."""

    strong: int
    weak: int
    bad: int

    @property
    def nearly(self) -> bool:
        """Whether most lines with other than ASCII are UTF-8, so that the others are damaged or of another file.

        A line of another encoding is seldom UTF-8 by chance, and then only with sequences of two bytes.
        """
        return self.bad <= self.strong + self.weak / 4


def count_utf8_lines(path: Path) -> Utf8Lines:
    """The lines of ``path`` by their encoding."""
    strong = weak = bad = 0
    with path.open("rb") as file:
        while (line := file.readline(CHUNK_BYTES)) and bad < _LINES:
            if line.isascii():
                continue
            if not _decodes(line, "utf-8"):
                bad += 1
            elif _LONG_SEQUENCE.search(line):
                strong += 1
            else:
                weak += 1
    return Utf8Lines(strong, weak, bad)


def reads_as_utf8(path: Path, encoding: str) -> int | None:
    """The line of the first UTF-8 character if ``path`` is so clearly UTF-8 that ``encoding`` cannot be right."""
    pairs, row, found, decoder = 0, 1, None, codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                return None
            if not text.isascii():
                where = next(at for at, char in enumerate(text) if char > "\x7f")
                found = found or row + text.count("\n", 0, where)
                pairs += sum(1 if char < "\u0800" else _MISDECLARED_PAIRS for char in text if char > "\x7f")
            row += text.count("\n")
    enough = _MISDECLARED_PAIRS if encoding in _MULTI_BYTE else 1
    return found if found and pairs >= enough and not decoder.getstate()[0] else None


def utf16_without_mark(head: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` if exactly one of them makes lines of text of ``head``."""
    nuls = head.count(0)
    # A stray NUL makes characters of pairs of letters; in a wide table, delimiters and line ends have many of them.
    if nuls * _LEAST_NUL_SHARE < len(head) or (nuls * 4 < len(head) and _begins_as_utf8(head)):
        return None
    fitting = [name for name in ("utf-16-le", "utf-16-be") if _is_wide_text(head[: len(head) // 2 * 2], name)]
    return fitting[0] if len(fitting) == 1 else None


def _begins_as_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _is_wide_text(head: bytes, encoding: str) -> bool:
    try:
        chars = set(codecs.getincrementaldecoder(encoding)().decode(head))
    except UnicodeDecodeError:
        return False
    odd = (char for char in chars if char not in "\r\n\t" and unicodedata.category(char) in _NO_TEXT)
    return bool(chars & _LINE_ENDS) and next(odd, None) is None


def escaped_encoding(path: Path) -> str | None:
    """The encoding whose escape sequences are in a text of ASCII bytes: ISO-2022 or HZ; empty if it is not known."""
    found, kept = b"", b""
    with path.open("rb") as file:
        while (chunk := file.read(CHUNK_BYTES)) and not found:
            if not chunk.isascii():
                return None
            mark = _DESIGNATION.search(kept + chunk) or _HZ_TEXT.search(kept + chunk)
            found, kept = mark.group() if mark else b"", chunk[-3:]
    if not found.startswith(ESCAPE):
        return "hz" if found and first_undecodable_byte(path, "hz") is None else None
    names = _ESCAPED_KOREAN if found == _KOREAN_DESIGNATION else _ESCAPED_JAPANESE
    return next((name for name in names if first_undecodable_byte(path, name) is None), "")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
