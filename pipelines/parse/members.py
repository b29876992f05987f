"""The records of a landed JSON document, each fault with its file and row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pipelines.parse.given import Given
from pipelines.parse.jsonstream import Document, JsonBrokenError, RepeatedMemberError
from pipelines.parse.limits import RECORD_CHARS

Read = Callable[[Document], Iterator[Any]]


def members(given: Given, path: Path, records: str | None, read: Read | None = None) -> Iterator[Any]:
    """What is at ``records`` in the UTF-8 file ``path``, one by one; ``read`` where it is not simply their values.

    Raises JSON_BROKEN, JSON_COLUMN_CLASH or JSON_NO_RECORDS.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        document = Document(file, RECORD_CHARS)
        count = 0
        try:
            for record in read(document) if read else document.records(records):
                count += 1
                yield record
        except JsonBrokenError as error:
            raise given.fault("JSON_BROKEN", row=error.line, column=error.column, reason=error.reason) from None
        except RepeatedMemberError as error:
            raise given.fault("JSON_COLUMN_CLASH", row=count + 1, column=str(error)) from None
    if not document.found:
        raise given.fault("JSON_NO_RECORDS", path=records, row=1)
