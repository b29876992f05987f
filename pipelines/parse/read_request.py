"""The input and the output of the reader of a format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.parse.parse_limits import MAX_SKIPPED_CHARS, MAX_SKIPPED_LINES
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
    write: Callable[[pl.LazyFrame], int]
    """Writes source columns, ``_part`` and ``_row`` to the raw zone, and returns the rows; the last call counts."""
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

    def fault(self, code: str, **values: Any) -> CitylakeError:
        """The fault ``code``, with this file's name."""
        return CitylakeError(code, file=self.shown, **values)


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
    """Raise HEADER_DUPLICATE or COLUMN_RESERVED if ``names`` cannot be columns."""
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise request.fault("HEADER_DUPLICATE", row=row, columns=", ".join(twice))
    clash = sorted(request.taken.intersection(names))
    if clash:
        raise request.fault("COLUMN_RESERVED", row=row, columns=", ".join(clash))


def text_schema(columns: Iterable[str]) -> dict[str, pl.DataType]:
    """The schema of source columns, all of them text."""
    return dict.fromkeys(columns, pl.String())
