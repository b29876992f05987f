"""File type, encoding and trailing padding of text files, and their conversion to UTF-8."""

from __future__ import annotations

import codecs
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.parse.encoding_candidates import local_multi_byte
from citylake.pipelines.parse.encoding_decision import (
    EncodingDecision,
    check_declared_encoding,
    decide_encoding,
    undecodable_fault,
)
from citylake.pipelines.parse.parse_limits import CHUNK_BYTES, HEAD_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.utf8_scan import ESCAPE, HZ_SHIFT, first_undecodable_byte, utf16_without_mark
from citylake.pipelines.pull.html_page import html_title

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", "zip / xlsx"),
    (b"\xd0\xcf\x11\xe0", "xls / doc"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh91AY&SY", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"%PDF", "pdf"),
    (b"PAR1", "parquet"),
)
_FIRST_OF_THREE = 0xE0
"""The least first byte of a character of three bytes in UTF-8."""
_FILL = b"\x00\x1a"
# The older names are subsets, and files that declare them use the rest as well (as in the WHATWG standard).
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "ascii": "utf-8", "utf-8-sig": "utf-8"}


# In these encodings the bytes of delimiters, quotes and line ends are unambiguous, so fields can be split before they
# are decoded. In the wide ones, the second byte of a character may be a letter or a vertical bar.
_WIDE = {"gb18030", "big5", "big5hkscs", "cp950", "cp949", "cp932", "shift_jis", "johab"}
_NARROW = re.compile(r"utf-8|iso8859-\d+|latin-1|cp125\d|koi8-[rtu]|euc_\w+|mac-\w+")


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A text file and its encoding. ``checked``: the bytes were declared or found to be so; otherwise, the reader
    decodes them as UTF-8 and reports if they are not.
    """

    path: Path
    encoding: str
    checked: bool

    @property
    def bom(self) -> bool:
        """Whether the text begins with a byte order mark."""
        with self.path.open("rb") as file:
            return file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8


def splits_as_bytes(encoding: str, delimiter: str = ",", quote: str = "") -> bool:
    """Whether fields can be split before they are decoded."""
    if encoding in _WIDE:
        return max(delimiter, quote or delimiter) < "@"
    return _NARROW.fullmatch(encoding) is not None


def detect_encoding(
    request: ReadRequest,
    path: Path,
    declared: str | None,
    expected: str,
    report: ParseReport,
    *,
    whole: bool = True,
    refuses_rows: bool = False,
) -> EncodedFile:
    """``path`` and its encoding; a file whose fields cannot be split as bytes is rewritten to scratch as UTF-8.

    ``whole``: without it, a file that begins as UTF-8 is not read further, and its reader must verify it.
    ``refuses_rows``: the reader refuses lines that are not UTF-8, so that a file with few of them is not refused.
    Raises FILE_EMPTY, FILE_IS_HTML, FILE_IS_OTHER, and the faults of :func:`decide_encoding`.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(_FILL):
        raise request.fault("FILE_EMPTY", row=1)
    _refuse_other_formats(request, head, expected)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    wide = marked or declared or utf16_without_mark(head)
    path = trim_fill(request, path, canonical_encoding(wide) if wide else None, report)
    if not marked and not declared and not whole and _may_be_utf8(head) and not _may_be_chance(request, head):
        return _report_encoding(request, path, EncodingDecision("utf-8", "proven"), report, checked=False)
    if marked:
        decision = EncodingDecision(marked, "proven")
    elif declared:
        decision = check_declared_encoding(request, path, canonical_encoding(declared), report)
    else:
        decision = decide_encoding(request, path, report, refuses_rows=refuses_rows)
    return _report_encoding(request, path, decision, report)


def _report_encoding(
    request: ReadRequest, path: Path, decision: EncodingDecision, report: ParseReport, *, checked: bool = True
) -> EncodedFile:
    report.facts |= {"encoding": decision.encoding, "encoding_kind": decision.kind}
    text = EncodedFile(path, decision.encoding, checked)
    return text if splits_as_bytes(text.encoding) else to_utf8(request, text)


def to_utf8(request: ReadRequest, text: EncodedFile) -> EncodedFile:
    """The same text in UTF-8; raises ENCODING_WRONG with the row and the byte."""
    if text.encoding == "utf-8":
        return text
    return EncodedFile(transcode_to_utf8(request, text.path, text.encoding), "utf-8", text.checked)


def transcode_to_utf8(request: ReadRequest, path: Path, encoding: str) -> Path:
    """A copy of ``path`` in UTF-8; raises ENCODING_WRONG with the row and the byte."""
    target = request.scratch / f"{path.name}.utf8"
    try:
        with path.open(encoding=encoding, newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
            shutil.copyfileobj(old, new, CHUNK_BYTES)
    except UnicodeError:
        raise undecodable_fault(request, first_undecodable_byte(path, encoding), encoding) from None
    return target


def canonical_encoding(encoding: str) -> str:
    """The canonical name of an encoding; of names that are used loosely, the superset."""
    name = codecs.lookup(encoding).name
    return _WIDER.get(name, name)


def _refuse_other_formats(request: ReadRequest, head: bytes, expected: str) -> None:
    title = html_title(head)
    if title:
        raise request.fault("FILE_IS_HTML", row=1, title=title)
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    found = "tar" if head[257:262] == b"ustar" else found
    if found:
        raise request.fault("FILE_IS_OTHER", row=1, expected=expected, found=found)


def _may_be_utf8(head: bytes) -> bool:
    """Whether ``head`` is UTF-8 without NUL and escape sequences."""
    if b"\0" in head or ESCAPE in head or HZ_SHIFT in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _may_be_chance(request: ReadRequest, head: bytes) -> bool:
    """Whether all characters that are not ASCII have two bytes, as those of the locale's own encoding have."""
    return bool(local_multi_byte(request.locale)) and not head.isascii() and max(head) < _FIRST_OF_THREE


def trim_fill(request: ReadRequest, path: Path, encoding: str | None, report: ParseReport) -> Path:
    """``path`` without trailing NUL and ^Z bytes, which old programs and broken writes leave."""
    if encoding and encoding.startswith(("utf-16", "utf-32")):
        return path
    size = path.stat().st_size
    end = _content_end(path, size)
    if end == size:
        return path
    target = request.scratch / f"{path.name}.trimmed"
    with path.open("rb") as old, target.open("wb") as new:
        row = 1
        while chunk := old.read(min(CHUNK_BYTES, end - new.tell())):
            row += chunk.count(b"\n")
            new.write(chunk)
    report.add_notice("TAIL_TRIMMED", file=request.shown, row=row, bytes=size - end)
    return target


def _content_end(path: Path, size: int) -> int:
    with path.open("rb") as file:
        while size:
            start = max(0, size - CHUNK_BYTES)
            file.seek(start)
            kept = len(file.read(size - start).rstrip(_FILL))
            if kept:
                return start + kept
            size = start
    return 0
