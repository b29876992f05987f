"""JSON: records at a path, or one a line; nested members become dotted columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.parse.envelope import check_success
from pipelines.parse.flatten import NoListError, Row, rows
from pipelines.parse.gathered import Gathered
from pipelines.parse.given import Given, Read, Report, check_names
from pipelines.parse.intervals import parted
from pipelines.parse.jsonstream import DECODER, RepeatedMemberError
from pipelines.parse.limits import RECORD_CHARS
from pipelines.parse.lines import Lines
from pipelines.parse.members import members
from pipelines.parse.spool import Spool
from pipelines.parse.text import as_text, bad_row
from pipelines.parse.wrapped import opened
from schemas.formats import JsonFormat


def read(given: Given, fmt: JsonFormat) -> Read:
    """Write every file of ``given`` as one table.

    ``_part`` is the page where there are several; ``_row`` the row's number in it, or the line of JSON lines.
    """
    work = _Work(given, fmt)
    gathered = Gathered(Spool(given.scratch), lambda batch: parted(given, batch, fmt.intervals)).all(work.rows())
    check_names(given, gathered.columns, 1)
    written = given.write(gathered.frame())
    work.report.facts |= {"records": work.records, "pages": len(given.files)}
    if not written:
        work.report.tell("HEADER_ONLY", file=given.shown, row=1)
    return Read(gathered.columns, written, work.report)


@dataclass(slots=True)
class _Work:
    given: Given
    fmt: JsonFormat
    report: Report = field(default_factory=Report)
    records: int = 0

    def rows(self) -> Iterator[tuple[str, int, Row]]:
        """Every row behind its page and its number."""
        for page, path in enumerate(self.given.files, 1):
            part = str(page) if len(self.given.files) > 1 else ""
            text = as_text(self.given, path, self.fmt.encoding, "json", self.report)
            try:
                document = opened(self.given, text.path, self.fmt)
                check_success(self.given, document, page)
                yield from ((part, number, row) for number, row in self._page(document))
            except UnicodeDecodeError:
                raise self.given.fault(
                    "ENCODING_WRONG", row=bad_row(text.path, "utf-8"), encoding=text.encoding
                ) from None

    def _page(self, path: Path) -> Iterator[tuple[int, Row]]:
        number = 0
        for line, record in self._lines(path) if self.fmt.lines else self._document(path):
            self.records += 1
            for row in self._exploded(record, line or number + 1):
                number += 1
                yield (line or number), row

    def _exploded(self, record: Any, row: int) -> Iterator[Row]:
        try:
            made = list(rows(record, self.fmt.explode))
        except NoListError:
            raise self.given.fault("JSON_NO_RECORDS", path=self.fmt.explode, row=row) from None
        except RepeatedMemberError as error:
            raise self.given.fault("JSON_COLUMN_CLASH", row=row, column=str(error)) from None
        if not made:
            self.report.skip(row, "", "record without rows")
        yield from made

    def _document(self, path: Path) -> Iterator[tuple[None, Any]]:
        return ((None, record) for record in members(self.given, path, self.fmt.records))

    def _lines(self, path: Path) -> Iterator[tuple[int, Any]]:
        with Lines(self.given, path, RECORD_CHARS, self.report) as lines:
            for line in lines:
                if not line.strip():
                    self.report.skip(lines.number, line, "blank")
                    continue
                yield lines.number, self._decoded(line.strip(), lines.number)

    def _decoded(self, line: str, number: int) -> Any:
        try:
            return DECODER.decode(line)
        except json.JSONDecodeError as error:
            raise self.given.fault("JSON_BROKEN", row=number, column=error.colno, reason=error.msg) from None
        except RecursionError:
            raise self.given.fault("JSON_BROKEN", row=number, column=1, reason="nested too deeply") from None
        except RepeatedMemberError as error:
            raise self.given.fault("JSON_COLUMN_CLASH", row=number, column=str(error)) from None
