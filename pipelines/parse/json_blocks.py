"""Records of a JSON document in blocks: decoded as columns where they are alike, one by one elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Any

import msgspec

from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_stream import JsonDocument
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.utf8_text import Utf8Text

LEAST_BYTES = 1 << 14
"""Bytes of records below which they are read one by one: learning their members takes longer."""
_TAIL_BYTES = 1 << 18
"""Bytes at the end of a block in which the end of its last record is looked for."""
_LAST_RECORD = re.compile(rb"\}(?=[ \t\r\n]*\])")
_OTHER_RECORD = re.compile(rb"\}(?=[ \t\r\n]*,[ \t\r\n]*\{)")
_TRIES = 3


class JsonBlockDocument(JsonDocument):
    """A document whose ``records`` also gives RecordFrame: consecutive records of it that were decoded as columns."""

    def __init__(self, file: BufferedReader, limit: int, decoder: RecordDecoder) -> None:
        self._source, self._decoder = Utf8Text(file), decoder
        self._base = self._source.start
        super().__init__(self._source, limit)

    def _list_items(self, read: Callable[[], Any]) -> Iterator[Any]:
        while (char := self._peek()) != "]":
            block = self._next_block() if char == "{" and not self._decoder.waits() else None
            yield read() if block is None else block
            if self._peek() != "]":
                self._take(",")

    def _next_block(self) -> RecordFrame | None:
        size = min(self._decoder.buffer.size, self._limit)
        start = self._base + len(self._text[: self._at].encode())
        data = self._decoder.buffer.fill(lambda into: self._source.read_at(start, into[:size]))
        if len(data) < LEAST_BYTES:
            return None
        for end in record_ends(data, whole=len(data) < size):
            try:
                with self._decoder.buffer.listed(end) as records:
                    block = self._decoder.decode(records)
            except (msgspec.DecodeError, UnicodeDecodeError):
                # The last record may end elsewhere.
                continue
            self._decoder.note(found=block is not None)
            if block is not None:
                self._pass_block(start + end)
            return block
        self._decoder.note(found=False)
        return None

    def _pass_block(self, end: int) -> None:
        self._text, self._at, self._done, self._base = "", 0, False, end
        self._source.move(end)

    def _leave(self) -> None:
        self._base += len(self._text[: self._at].encode())

    def _place(self, at: int) -> tuple[int, int]:
        return self._source.place(self._base + len(self._text[:at].encode()))


def record_ends(data: memoryview, *, whole: bool) -> Iterator[int]:
    """The likeliest ends of the last record in ``data``, best first; ``whole``: the document ends in it."""
    tail = max(0, len(data) - _TAIL_BYTES)
    for pattern in (_LAST_RECORD, _OTHER_RECORD) if whole else (_OTHER_RECORD, _LAST_RECORD):
        found = [match.end() for match in pattern.finditer(data, tail)]
        yield from reversed(found[-_TRIES:])
