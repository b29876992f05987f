"""Records that a reader cannot split or decode: their text and the reason, in the raw zone beside the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.parse.csv_records import CsvRecord
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.words.errors import CitylakeError

_SCHEMA = {"_row": pl.Int64(), **dict.fromkeys(("text", "code", "value", "detail"), pl.String())}
_HJ212 = (
    "HJ212_CRC_WRONG",
    "HJ212_FIELD_BROKEN",
    "HJ212_LENGTH_WRONG",
    "HJ212_NO_FACTOR",
    "HJ212_NO_FRAME",
    "HJ212_SEGMENT_MISSING",
    "HJ212_SEGMENT_WRONG",
    "HJ212_TEXT_UNREADABLE",
)
_JT808 = (
    "JT808_BODY_WRONG",
    "JT808_CHECKSUM_WRONG",
    "JT808_ENCRYPTED",
    "JT808_ESCAPE_WRONG",
    "JT808_LENGTH_WRONG",
    "JT808_NO_FRAME",
    "JT808_SUBPACKAGE_MISSING",
    "JT808_SUBPACKAGE_WRONG",
)
_REASON_VALUES: Mapping[str, tuple[str, str]] = {
    "ROW_WIDTH": ("found", "expected"),
    "LINE_SHORT": ("found", "expected"),
    "ENCODING_WRONG": ("byte", "offset"),
    "FIELD_TOO_LARGE": ("", "limit"),
    **dict.fromkeys((*_HJ212, *_JT808), ("found", "expected")),
}
"""By issue, the values of its message that a reason keeps as ``value`` and ``detail``."""


@dataclass(slots=True)
class RefusedRecordSpool:
    """Gathers the refused records of one file in bounded memory."""

    spool: Spool
    first: CitylakeError | None = None
    """The first fault."""
    rows: int = 0
    lines: int = 0
    """Physical lines of the refused records."""
    _held: list[tuple[int, str, str, str | None, str | None]] = field(default_factory=list)
    _chars: int = 0

    def add(self, record: CsvRecord, fault: CitylakeError) -> None:
        """Add one record."""
        self.first = self.first or fault
        self.rows += 1
        self.lines += record.lines
        text = _printable_text(record.text)
        value, detail = (_text_value(fault, name) for name in _REASON_VALUES.get(fault.code, ("", "")))
        self._held.append((record.row, text, fault.code, value, detail))
        self._chars += len(text)
        if len(self._held) >= BATCH_ROWS or self._chars >= BATCH_CHARS:
            self._put()

    def write(self, request: ReadRequest, part: str) -> int:
        """Write all records with ``request``; returns their number."""
        if not self.rows or request.refuse is None:
            return 0
        self._put()
        return request.refuse(self.spool.frame().with_columns(_part=pl.lit(part)))

    def _put(self) -> None:
        if self._held:
            self.spool.add(pl.DataFrame(self._held, schema=_SCHEMA, orient="row"))
        self._held, self._chars = [], 0


def reason_message_values(reason: Mapping[str, str | None]) -> dict[str, str | None]:
    """The values of the message of a reason that a reader gave, by the names that the issue's text uses."""
    names = _REASON_VALUES.get(str(reason["code"]))
    if names is None:
        return {}
    encoding = {"encoding": "utf-8"} if reason["code"] == "ENCODING_WRONG" else {}
    return {names[0]: reason["value"], names[1]: reason["detail"], **encoding}


def _text_value(fault: CitylakeError, name: str) -> str | None:
    return str(fault.problem.values[name]) if name else None


def _printable_text(text: str) -> str:
    """The text without its last line end; bytes that cannot be decoded are shown in hexadecimal."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text[:-2] if text.endswith("\r\n") else text[:-1] if text.endswith(("\n", "\r")) else text
