"""dBASE tables: the attributes of a shapefile, every field as the text that it is.

GDAL types the numbers, so that one of more than 15 digits is rounded, and decodes by the code page that the file
claims. Here the digits stay, and the encoding is that of the contract, the ``.cpg``, the header, or is detected.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import canonical_encoding, detect_encoding
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte

_FIELD_BYTES, _END_OF_FIELDS, _DELETED = 32, 0x0D, b"*"
_CHARACTER, _READ = "C", "CNFDL"
"""The types of fields of a shapefile: text, numbers, dates and truth values."""
_CODE_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x4D: "gb18030", 0x4F: "big5", 0x78: "big5", 0x79: "cp949", 0x7A: "gb18030",
    0x7B: "cp932", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
}  # fmt: skip
"""Code pages of the header. 0x03 and 0x57 are left out: programs write them for the code page of any machine."""
_SAMPLE_RECORDS = 200_000


@dataclass(frozen=True, slots=True)
class DbfField:
    """A field: its name, its type, and its bytes within the record."""

    name: str
    kind: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class DbfTable:
    """The records of a file, mapped into memory as bytes; ``encoding``: of its text."""

    records: np.ndarray
    fields: tuple[DbfField, ...]
    encoding: str

    def text(self, numbers: np.ndarray) -> pl.DataFrame:
        """The records ``numbers`` (from 0); an empty field is null."""
        chosen = self.records[numbers]
        return pl.DataFrame([self._column(field, chosen) for field in self.fields])

    def deleted(self, numbers: np.ndarray) -> np.ndarray:
        """Which of the records ``numbers`` are marked as deleted."""
        return np.asarray(self.records[numbers, 0] == ord(_DELETED))

    def _column(self, field: DbfField, chosen: np.ndarray) -> pl.Series:
        cells = np.ascontiguousarray(chosen[:, field.start : field.start + field.size]).view(f"S{field.size}").ravel()
        values, at = np.unique(cells, return_inverse=True)
        # What is no number within a field of numbers is kept as it is for its binding, which refuses it.
        errors = "strict" if field.kind == _CHARACTER else "backslashreplace"
        texts = [_field_text(field, value.decode(self.encoding, errors)) for value in values.tolist()]
        return pl.Series(field.name, texts, pl.String)[at]


def _field_text(field: DbfField, text: str) -> str | None:
    text = text.rstrip(" \0") if field.kind == _CHARACTER else text.strip(" \0")
    if not text or (field.kind != _CHARACTER and not text.strip("*")) or (field.kind == "L" and text == "?"):
        return None
    if field.kind == "D" and re.fullmatch(r"\d{8}", text):
        return None if text == "00000000" else f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if field.kind == "L":
        return {"T": "true", "Y": "true", "F": "false", "N": "false"}.get(text.upper(), text)
    return text


def read_dbf(
    request: ReadRequest, path: Path, declared: str | None, code_page: str | None, report: ParseReport
) -> DbfTable:
    """The table at ``path``. ``declared``: the contract's encoding; ``code_page``: the text of the ``.cpg``.

    Raises GEO_BROKEN, and the faults of encodings.
    """
    with path.open("rb") as file:
        head = file.read(_FIELD_BYTES)
        if len(head) < _FIELD_BYTES:
            raise request.fault("GEO_BROKEN", reason=f"{path.suffix}: no header")
        count, start, size, language = *struct.unpack_from("<IHH", head, 4), head[29]
        described = head + file.read(max(start, _FIELD_BYTES) - _FIELD_BYTES)
    rows = min(count, (path.stat().st_size - start) // size) if size else 0
    if rows < count:
        raise request.fault("GEO_BROKEN", reason=f"{path.suffix}: {count} records declared, {rows} found")
    records = np.memmap(path, np.uint8, "r", start, (rows, size)) if rows else np.empty((0, max(size, 1)), np.uint8)
    raw = list(_raw_fields(request, described))
    if any(not wide or at + wide > size for _, _, at, wide in raw):
        raise request.fault("GEO_BROKEN", reason=f"{path.suffix}: fields that do not fit into records of {size} bytes")
    stated = declared or _named_encoding(code_page or "") or _CODE_PAGES.get(language)
    encoding = _detected(request, records, raw, stated, report)
    fields = [DbfField(name.decode(encoding, "replace").strip(), kind, at, wide) for name, kind, at, wide in raw]
    return DbfTable(records, tuple(fields), encoding)


def _raw_fields(request: ReadRequest, described: bytes) -> Iterator[tuple[bytes, str, int, int]]:
    at = 1
    for place in range(_FIELD_BYTES, len(described) - _FIELD_BYTES + 1, _FIELD_BYTES):
        field = described[place : place + _FIELD_BYTES]
        if field[0] == _END_OF_FIELDS:
            return
        name, kind, size = field[:11].split(b"\0")[0], chr(field[11]), field[16]
        size += field[17] << 8 if kind == _CHARACTER else 0
        if kind not in _READ:
            raise request.fault("GEO_BROKEN", reason=f"dbf: {name.decode('latin-1')}: type {kind!r}")
        yield name, kind, at, size
        at += size


def _named_encoding(text: str) -> str | None:
    """The encoding that a ``.cpg`` names: ``UTF-8``, ``ANSI 1252``, ``936``; None for a name that is none."""
    name = text.strip().strip("\ufeff\0")
    number = re.search(r"\d{3,5}$", name)
    for each in (name, f"cp{number[0]}" if number else ""):
        try:
            found = codecs.lookup({"cp65001": "utf-8", "cp936": "gb18030", "cp950": "big5"}.get(each, each)).name
            # Python also has codecs that are no encodings of text.
            b"".decode(found)
            return found
        except (LookupError, ValueError):
            continue
    return None


def _detected(
    request: ReadRequest,
    records: np.ndarray,
    raw: list[tuple[bytes, str, int, int]],
    stated: str | None,
    report: ParseReport,
) -> str:
    """The encoding of the names and of every text, by the rules of text files; each distinct text is a line."""
    sample = request.scratch / "dbf-text.txt"
    with sample.open("wb") as file:
        file.writelines(name + b"\n" for name, *_ in raw)
        for _, kind, at, size in raw:
            if kind == _CHARACTER:
                file.writelines(_distinct_lines(records[:, at : at + size]))
    if not raw:
        return "utf-8"
    if first_undecodable_byte(sample, "ascii") is None and not stated:
        return "utf-8"
    detect_encoding(request, sample, stated, "dbf", report)
    encoding = canonical_encoding(str(report.facts["encoding"]))
    bad = first_undecodable_byte(sample, encoding)
    if bad:
        raise undecodable_fault(request, bad, encoding)
    return encoding


def _distinct_lines(cells: np.ndarray) -> Iterator[bytes]:
    for start in range(0, len(cells), _SAMPLE_RECORDS):
        block = np.ascontiguousarray(cells[start : start + _SAMPLE_RECORDS])
        found = np.unique(block.view(f"S{block.shape[1]}").ravel()).tolist()
        yield from (each.rstrip(b" ") + b"\n" for each in found)
