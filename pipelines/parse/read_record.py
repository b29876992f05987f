"""How a receipt's plain CSV was read (``read.json``): with it, the landed bytes give the same rows again."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError

ROW_OFFSET_STEP = 1000
"""The start of every so many rows is kept, so that one row can be read again."""
READ_FILE = "read.json"
"""The name of the file in the receipt's folder of the raw zone."""
RECORD_VERSION = 1
"""The version of the file's members. A file of a later version is refused."""
READER_VERSION = 1
"""The version of the reader by blocks: raised when it gives other rows of any bytes."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some consecutive rows that were read together. ``sizes``: bytes of each 1,000 of them, at last of the rest."""

    rows: int
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, rows: int, offsets: np.ndarray, size: int) -> Stretch:
        """The stretch of ``size`` bytes in which rows 0, 1000, 2000… begin at ``offsets``."""
        return cls(rows, tuple(np.diff(offsets, append=size).tolist()))


@dataclass(frozen=True, slots=True)
class ByteSpan:
    """Bytes ``start`` to ``end`` of the plain text; the row that is sought is number ``index`` of them, from 0."""

    start: int
    end: int
    index: int


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What was rewritten before the fields were split: the text from ``encoding`` to UTF-8, then its ``delimiter``."""

    encoding: str | None = None
    delimiter: str | None = None


NOT_REWRITTEN = Rewriting()


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """The layout of a plain file, its rows, and where they are.

    Offsets and ``size`` count bytes of the plain text: unpacked, out of its zip, and rewritten as ``rewritten`` says.
    """

    receipt: str
    sha256: str | None
    """Of the landed bytes, as on the receipt."""
    size_bytes: int
    """The number of the landed bytes."""
    part: str
    """The member of the zip; empty if the landed file is no zip."""
    encoding: str
    rewritten: Rewriting
    delimiter: str
    quote: str
    line_end: str
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    width: int
    constants: Mapping[str, str | None]
    """Source fields from the file's name."""
    header_row: int
    first_line: int
    offset: int
    """The byte at which the data start."""
    size: int
    """The byte at which they end."""
    max_field_bytes: int
    rows: int
    words: Mapping[str, Any]
    """What the contract and the workspace said about the reading."""
    report: Mapping[str, Any]
    """The parse report."""
    stretches: tuple[Stretch, ...] = field(default=())
    reader: int = READER_VERSION
    version: int = RECORD_VERSION

    def to_json(self) -> bytes:
        """The content of the file, on one line."""
        values = asdict(self) | {"stretches": [[each.rows, each.sizes] for each in self.stretches]}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> ReadRecord:
        """The record in a file; raises ValueError if it is none, or of a later version."""
        values = json.loads(content)
        if not isinstance(values, dict) or values.get("version") != RECORD_VERSION:
            raise ValueError(f"no read record of version {RECORD_VERSION}")
        stretches = [{"rows": rows, "sizes": sizes} for rows, sizes in values.pop("stretches")]
        try:
            return _adapter().validate_python(values | {"stretches": stretches})
        except ValidationError as error:
            raise ValueError(str(error)) from error

    @property
    def fields(self) -> tuple[str, ...]:
        """Source fields; those from the file's name come last."""
        return (*(name for name in self.columns if name not in self.repeats), *self.constants)

    def same_reading(self, other: ReadRecord) -> bool:
        """Whether both give the same rows; how they were divided into stretches depends on the memory."""
        return replace(self, stretches=()) == replace(other, stretches=())

    def span_of(self, row: int) -> ByteSpan | None:
        """Where the row with the number ``row`` (``_row``) is; None if there is no such row."""
        index = row - self.first_line
        if not 0 <= index < self.rows:
            return None
        ends = list(accumulate(each.rows for each in self.stretches))
        number = bisect_right(ends, index)
        stretch = self.stretches[number]
        start = self.offset + sum(sum(each.sizes) for each in self.stretches[:number])
        step, rest = divmod(index - (ends[number] - stretch.rows), ROW_OFFSET_STEP)
        start += sum(stretch.sizes[:step])
        return ByteSpan(start, min(start + stretch.sizes[step], self.size), rest)


@cache
def _adapter() -> TypeAdapter[ReadRecord]:
    return TypeAdapter(ReadRecord)


def stretches_in_order(found: Mapping[int, Stretch]) -> tuple[Stretch, ...]:
    """The stretches by the byte at which they start; blocks end in any order."""
    return tuple(found[start] for start in sorted(found))


def total_size(stretches: Sequence[Stretch]) -> int:
    """Bytes of the stretches."""
    return sum(sum(each.sizes) for each in stretches)


def reading_differs(receipt: Receipt, record: ReadRecord, found: int | str) -> CitylakeError:
    """The fault that the same bytes give other rows than the record says; ``found``: rows, or what is different."""
    values = {"dataset": receipt.dataset, "file": receipt.name, "receipt": receipt.id, "recorded": record.rows}
    return CitylakeError("READING_DIFFERS", **values, found=found)
