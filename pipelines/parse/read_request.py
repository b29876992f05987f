"""The input and the output of the reader of a format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.parse.parse_limits import (
    COLUMNS_MAX,
    MAX_SKIPPED_CHARS,
    MAX_SKIPPED_LINES,
    ROWS_MAX,
    SPARSE_SHARE,
    expansion_limit,
    record_chars,
    sparse_places,
)
from citylake.schemas.model.source import ResponseEnvelope
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One receipt's files on the local disk, in order."""

    files: tuple[Path, ...]
    shown: str
    """The file's name in messages."""
    scratch: Path
    """A folder that is deleted afterwards."""
    write: Callable[..., int]
    """Writes a lazy frame of source columns, ``_part`` and ``_row`` to the raw zone, and returns the rows.

    The last call counts. A second argument states how many of its rows can be held in memory.
    """
    taken: frozenset[str] = frozenset()
    """Reserved column names, which the source must not use."""
    envelope: tuple[ResponseEnvelope, ...] = ()
    """How a JSON document reports success."""
    locale: str = ""
    """Language tag or time zone of the source, by which an encoding is likelier; empty if not known."""

    refuse: Callable[[pl.LazyFrame], int] | None = None
    """Writes refused records to the raw zone, and returns their number; None if a reader must raise the first fault.

    Columns: ``_part``, ``_row``, ``text``, ``code``, ``value``, ``detail``.
    """
    rows_max: int = ROWS_MAX
    """Rows above which a file is refused."""
    max_bytes: int | None = None
    """Bytes to which its files may expand, if the contract states it."""
    memory: int = 1_000_000_000
    """Bytes that a reader may hold."""

    def fault(self, code: str, **values: Any) -> CitylakeError:
        """The fault ``code``, with this file's name."""
        return CitylakeError(code, file=self.shown, **values)

    def check_rows(self, rows: int) -> None:
        """Raise FILE_ROWS_TOO_MANY if a file with so many rows is not read."""
        if rows > self.rows_max:
            raise self.fault("FILE_ROWS_TOO_MANY", rows=rows, limit=self.rows_max)

    def check_expansion(self, size: int) -> None:
        """Raise FILE_EXPANDS if files that expand to ``size`` bytes are not read."""
        own = sum(path.stat().st_size for path in self.files)
        limit = self.max_bytes or expansion_limit(own)
        if size > limit:
            raise self.fault("FILE_EXPANDS", size=own, limit=limit)

    def check_spread(self, rows: int, columns: int, filled: int) -> None:
        """Raise COLUMNS_SPARSE if a large table is nearly empty, as one whose names are values is."""
        places = rows * columns
        if places > sparse_places(columns) and places > SPARSE_SHARE * filled:
            raise self.fault("COLUMNS_SPARSE", row=rows, columns=columns, places=places, filled=filled)

    @property
    def record_chars(self) -> int:
        """Characters of the longest record that is read."""
        return record_chars(self.memory)

    def check_columns(self, columns: int, row: int) -> None:
        """Raise COLUMNS_TOO_MANY if a table with so many columns is not read."""
        if columns > COLUMNS_MAX:
            raise self.fault("COLUMNS_TOO_MANY", row=row, columns=columns, limit=COLUMNS_MAX)


@dataclass(slots=True)
class ParseReport:
    """How the bytes were read; ``skipped``: the first lines that are not records; ``notices``: issues to report."""

    facts: dict[str, Any] = field(default_factory=dict)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    skipped_rows: int = 0
    notices: list[dict[str, Any]] = field(default_factory=list)

    def skip(self, row: int, text: str, why: str) -> None:
        """Record that row ``row`` is not a record: a title, a footer, a comment, or blank."""
        self.skipped_rows += 1
        if len(self.skipped) < MAX_SKIPPED_LINES:
            self.skipped.append({"row": row, "text": text.rstrip("\r\n")[:MAX_SKIPPED_CHARS], "why": why})

    def add_notice(self, code: str, **values: Any) -> None:
        """Add an issue that does not stop the batch; each code once."""
        if all(notice["code"] != code for notice in self.notices):
            self.notices.append({"code": code, **values})

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        told = {"skipped_rows": self.skipped_rows, "skipped": self.skipped, "notices": self.notices}
        return {**self.facts, **told}


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The source's columns in order, the number of rows written, and the report."""

    columns: tuple[str, ...]
    rows: int
    report: ParseReport
    refused: int = 0
    """Records that were refused one by one."""


def check_column_names(request: ReadRequest, names: tuple[str, ...], row: int) -> None:
    """Raise COLUMNS_TOO_MANY, HEADER_DUPLICATE or COLUMN_RESERVED if ``names`` cannot be columns."""
    request.check_columns(len(names), row)
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise request.fault("HEADER_DUPLICATE", row=row, columns=", ".join(twice))
    clash = sorted(request.taken.intersection(names))
    if clash:
        raise request.fault("COLUMN_RESERVED", row=row, columns=", ".join(clash))


def text_schema(columns: Iterable[str]) -> dict[str, pl.DataType]:
    """The schema of source columns, all of them text."""
    return dict.fromkeys(columns, pl.String())
