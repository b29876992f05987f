"""Frames of a protocol that are refused: their text and the reason, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.words.errors import CitylakeError

Reason = tuple[str, str, str]
"""An issue type, what was found, and what was expected."""
_TEXTS = ("text", "code", "value", "detail")
_SCHEMA = {"_part": pl.String(), "_row": pl.Int64(), **dict.fromkeys(_TEXTS, pl.String())}


@dataclass(slots=True)
class RefusedFrames:
    """Gathers them; ``hold``, or a request that refuses no row, raises the first instead."""

    request: ReadRequest
    spool: Spool
    hold: bool = False
    rows: int = 0
    _held: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)
    _chars: int = 0

    def add(self, part: str, row: int, text: str, reason: Reason) -> None:
        """Add one."""
        if self.hold or self.request.refuse is None:
            raise self._fault(row, reason)
        self.rows += 1
        self._held.append((part, row, text, *reason))
        self._chars += len(text)
        if len(self._held) >= BATCH_ROWS or self._chars >= BATCH_CHARS:
            self._put()

    def write(self) -> int:
        """Write all of them; returns their number."""
        self._put()
        return self.request.refuse(self.spool.frame()) if self.rows and self.request.refuse else 0

    def _put(self) -> None:
        if self._held:
            self.spool.add(pl.DataFrame(self._held, schema=_SCHEMA, orient="row"))
        self._held, self._chars = [], 0

    def _fault(self, row: int, reason: Reason) -> CitylakeError:
        code, found, expected = reason
        return self.request.fault(code, row=row, found=found, expected=expected)
