"""The texts of a workbook that its cells refer to by number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import IO

import polars as pl
import pyarrow as pa

from citylake.pipelines.parse.parse_limits import WORKBOOK_ROW_BYTES
from citylake.pipelines.parse.xlsx.sheet_xml import SheetBrokenError, plain_xml

_CHUNK = 4 << 20
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_TEXT = re.compile(r"<t(?:\s[^>]*)?>([^<]*)</t>")
_ESCAPE = re.compile(r"_x(?!0000|[Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
"""Not half a character, nor the one that ends a text: those stay as they are written."""
_PREFIX = re.compile(rb"<(\w+):sst\b")
_SIMPLE = r"^\s*(?:<sst[^>]*>\s*)?<si>\s*<t(?:\s[^>]*)?>([^<]*)</t>\s*$"


@dataclass(slots=True)
class SharedStrings:
    """Texts by number; those beyond ``memory`` bytes are in files, and their pages in memory only while in use."""

    scratch: Path
    memory: int
    held: list[pl.Series] = field(default_factory=list)
    bytes: int = 0
    _texts: pl.Series | None = None
    _lengths: pl.Series | None = None

    @classmethod
    def read(cls, archive: zipfile.ZipFile, part: str | None, scratch: Path, memory: int) -> SharedStrings:
        """The texts of ``archive``; none if it has none. Raises SheetBrokenError."""
        found = cls(scratch, memory)
        if part:
            with archive.open(part) as xml:
                for piece in _pieces(xml):
                    found.add(_piece_texts(piece))
        return found

    def add(self, texts: pl.Series) -> None:
        """Add the next texts."""
        self.bytes += int(texts.estimated_size())
        if self.bytes > self.memory:
            path = self.scratch / f"strings-{len(self.held):05d}.arrow"
            texts.to_frame("text").write_ipc(path, compression="uncompressed")
            texts = pl.Series("text", pl.from_arrow(pa.ipc.open_file(pa.memory_map(str(path))).read_all()["text"]))
        self.held.append(texts)

    def texts(self) -> pl.Series:
        """Every text, in order."""
        if self._texts is None:
            empty = pl.Series("text", [], dtype=pl.String)
            self._texts = pl.concat([empty, *(part.alias("text") for part in self.held)], rechunk=False)
            self.held = []
        return self._texts

    def lengths(self) -> pl.Series:
        """The bytes of every text."""
        if self._lengths is None:
            self._lengths = self.texts().str.len_bytes()
        return self._lengths


def plain_text(text: str) -> str:
    """XML text without entities and without ``_x000D_`` for characters that XML does not have."""
    text = unescape(text) if "&" in text else text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def rich_text(xml: str) -> str:
    """The runs of a text joined, without its reading aid."""
    return "".join(plain_text(text) for text in _TEXT.findall(_PHONETIC.sub("", xml)))


def plain_texts(texts: pl.Series) -> pl.Series:
    """:func:`plain_text` of each."""
    odd = texts.str.contains("&|_x", literal=False).fill_null(value=False)
    if not odd.any():
        return texts
    rows = odd.arg_true()
    return texts.scatter(rows, [plain_text(text) for text in texts.gather(rows)])


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    rest, prefix = b"", None
    while chunk := part.read(_CHUNK):
        rest += chunk
        if prefix is None:
            found = _PREFIX.search(rest)
            prefix = found[1] + b":" if found else b""
        end = rest.rfind(b"si>") + 3
        if end > 2:
            yield _plain_items(rest[:end], prefix)
            rest = rest[end:]
        elif len(rest) > WORKBOOK_ROW_BYTES:
            raise SheetBrokenError(f"more than {WORKBOOK_ROW_BYTES} bytes in one text")
    yield _plain_items(rest, prefix or b"")


def _plain_items(piece: bytes, prefix: bytes) -> bytes:
    return re.sub(rb"<si\s*/>", b"<si><t></t></si>", plain_xml(piece, prefix))


def _piece_texts(piece: bytes) -> pl.Series:
    try:
        *items, _ = piece.decode("utf-8").split("</si>")
    except UnicodeDecodeError as error:
        raise SheetBrokenError(str(error)) from None
    items_ = pl.Series("text", items, dtype=pl.String)
    texts = plain_texts(items_.str.extract(_SIMPLE, 1))
    rich = texts.is_null().arg_true()
    return texts.scatter(rich, [rich_text(xml) for xml in items_.gather(rich)]) if len(rich) else texts
