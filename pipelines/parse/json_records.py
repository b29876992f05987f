"""The records of a landed JSON document, each fault with its file and row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from citylake.pipelines.parse.json_blocks import JsonBlockDocument
from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_stream import (
    JsonBrokenError,
    JsonDocument,
    JsonValueTooLongError,
    RepeatedMemberError,
)
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.record_frame import RecordFrame

RecordIterator = Callable[[JsonDocument], Iterator[Any]]


def read_json_records(
    request: ReadRequest, path: Path, records: str | None, read: RecordIterator | None = None
) -> Iterator[Any]:
    """The records at ``records`` in the UTF-8 file ``path``, one by one; ``read`` may iterate in another way.

    Raises JSON_BROKEN, RECORD_TOO_LARGE, JSON_COLUMN_CLASH or JSON_NO_RECORDS.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        document = JsonDocument(file, request.record_chars)
        yield from _checked(request, document, records, read(document) if read else document.records(records))


def read_json_blocks(
    request: ReadRequest, path: Path, records: str | None, decoder: RecordDecoder
) -> Iterator[Any | RecordFrame]:
    """Like :func:`read_json_records`; consecutive records that are alike come as one RecordFrame."""
    with path.open("rb") as file:
        document = JsonBlockDocument(file, request.record_chars, decoder)
        yield from _checked(request, document, records, document.records(records))


def _checked(request: ReadRequest, document: JsonDocument, path: str | None, records: Iterator[Any]) -> Iterator[Any]:
    count = 0
    try:
        for record in records:
            count += len(record) if isinstance(record, RecordFrame) else 1
            yield record
    except JsonValueTooLongError as error:
        raise request.fault("RECORD_TOO_LARGE", row=error.line, limit=request.record_chars) from None
    except JsonBrokenError as error:
        raise request.fault("JSON_BROKEN", row=error.line, column=error.column, reason=error.reason) from None
    except RepeatedMemberError as error:
        raise request.fault("JSON_COLUMN_CLASH", row=count + 1, column=str(error)) from None
    if not document.found:
        raise request.fault("JSON_NO_RECORDS", path=path, row=1)
