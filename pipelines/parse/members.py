"""The records of a landed JSON document, each fault with its file and row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.parse.given import Given
from pipelines.parse.jsonstream import DECODER, Document, JsonBrokenError, RepeatedMemberError
from pipelines.parse.limits import RECORD_CHARS


def members(given: Given, path: Path, records: str | None, decoder: json.JSONDecoder = DECODER) -> Iterator[Any]:
    """What is at ``records`` in the UTF-8 file ``path``, one by one.

    Raises JSON_BROKEN, JSON_COLUMN_CLASH or JSON_NO_RECORDS.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        document = Document(file, RECORD_CHARS, decoder)
        count = 0
        try:
            for record in document.records(records):
                count += 1
                yield record
        except JsonBrokenError as error:
            raise given.fault("JSON_BROKEN", row=error.line, column=error.column, reason=error.reason) from None
        except RepeatedMemberError as error:
            raise given.fault("JSON_COLUMN_CLASH", row=count + 1, column=str(error)) from None
    if not document.found:
        raise given.fault("JSON_NO_RECORDS", path=records, row=1)
