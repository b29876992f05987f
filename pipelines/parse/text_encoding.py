"""File type, encoding and trailing padding of text files, and their conversion to UTF-8."""

from __future__ import annotations

import codecs
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.parse.parse_limits import CHUNK_BYTES, HEAD_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
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
    (b"%PDF", "pdf"),
    (b"PAR1", "parquet"),
)
_FILL = b"\x00\x1a"
# The older names are subsets, and files that declare them use the rest as well (as in the WHATWG standard).
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "ascii": "utf-8", "utf-8-sig": "utf-8"}


# In these encodings the bytes of delimiters, quotes and line ends are unambiguous, so fields can be split before they
# are decoded. In the wide ones, the second byte of a character may be a letter or a vertical bar.
_WIDE = {"gb18030", "big5", "big5hkscs", "cp950", "cp949", "cp932", "shift_jis", "johab"}
_NARROW = re.compile(r"utf-8|iso8859-\d+|latin-1|cp125\d|koi8-[rtu]|euc_\w+|mac-\w+")


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A text file and its encoding. ``sure``: the encoding was declared or marked, not guessed."""

    path: Path
    encoding: str
    sure: bool

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
    request: ReadRequest, path: Path, declared: str | None, expected: str, report: ParseReport
) -> EncodedFile:
    """``path`` and its encoding; a file whose fields cannot be split as bytes is rewritten to scratch as UTF-8.

    Raises FILE_EMPTY, FILE_IS_HTML, FILE_IS_OTHER or ENCODING_WRONG. The reader verifies the encoding.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(_FILL):
        raise request.fault("FILE_EMPTY", row=1)
    _refuse_other_formats(request, head, expected)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    encoding = marked or (canonical_encoding(declared) if declared else None)
    path = _trim_fill(request, path, encoding, report)
    if encoding is None and not _may_be_utf8(head):
        return guess_encoding(request, path, report)
    return _report_encoding(request, path, encoding, report)


def guess_encoding(request: ReadRequest, path: Path, report: ParseReport) -> EncodedFile:
    """The encoding of a file that is not UTF-8: GB18030 if all of it decodes, otherwise charset-normalizer's guess."""
    row = first_undecodable_row(path, "gb18030")
    encoding = "gb18030" if row is None else _likeliest_encoding(path)
    if encoding is None or (row is not None and first_undecodable_row(path, encoding) is not None):
        raise request.fault("ENCODING_UNKNOWN", row=row)
    # No other encoding remains to be tried, so it counts as declared.
    return _report_encoding(request, path, canonical_encoding(encoding), report)


def _report_encoding(request: ReadRequest, path: Path, encoding: str | None, report: ParseReport) -> EncodedFile:
    report.facts["encoding"] = encoding or "utf-8"
    text = EncodedFile(path, encoding or "utf-8", sure=encoding is not None)
    return text if splits_as_bytes(text.encoding) else to_utf8(request, text)


def to_utf8(request: ReadRequest, text: EncodedFile) -> EncodedFile:
    """The same text in UTF-8; raises ENCODING_WRONG with the row."""
    if text.encoding == "utf-8":
        return text
    return EncodedFile(transcode_to_utf8(request, text.path, text.encoding), "utf-8", text.sure)


def _likeliest_encoding(path: Path) -> str | None:
    from charset_normalizer import from_bytes

    with path.open("rb") as file:
        best = from_bytes(file.read(HEAD_BYTES)).best()
    return best.encoding if best else None


def transcode_to_utf8(request: ReadRequest, path: Path, encoding: str) -> Path:
    """A copy of ``path`` in UTF-8; raises ENCODING_WRONG with the row."""
    target = request.scratch / f"{path.name}.utf8"
    try:
        with path.open(encoding=encoding, newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
            shutil.copyfileobj(old, new, CHUNK_BYTES)
    except UnicodeError:
        raise request.fault("ENCODING_WRONG", row=first_undecodable_row(path, encoding), encoding=encoding) from None
    return target


def first_undecodable_row(path: Path, encoding: str) -> int | None:
    """The first line (from 1) that is not in ``encoding``; None if all lines are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                row += decoder.decode(chunk, not chunk).count("\n")
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                good = chunk[: max(0, start)].decode(encoding, "replace")
                return row + good.count("\n")
            if not chunk:
                return None


def canonical_encoding(encoding: str) -> str:
    """The canonical name of an encoding; of names that are used loosely, the superset."""
    name = codecs.lookup(encoding).name
    return _WIDER.get(name, name)


def _refuse_other_formats(request: ReadRequest, head: bytes, expected: str) -> None:
    title = html_title(head)
    if title:
        raise request.fault("FILE_IS_HTML", row=1, title=title)
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    if found:
        raise request.fault("FILE_IS_OTHER", row=1, expected=expected, found=found)


def _may_be_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _trim_fill(request: ReadRequest, path: Path, encoding: str | None, report: ParseReport) -> Path:
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
