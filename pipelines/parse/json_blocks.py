"""Records of a JSON document in blocks: decoded as columns where they are alike, one by one elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec

from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_stream import JsonDocument
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.utf8_text import Utf8Text

BLOCK_BYTES = 1 << 20
"""Bytes of records that are decoded at once: their texts stay in the cache of a processor."""
LEAST_BYTES = 1 << 14
"""Bytes of records below which they are read one by one: learning their members takes longer."""
_TAIL_BYTES = 1 << 18
"""Bytes at the end of a block in which the end of its last record is looked for."""
_LAST_RECORD = re.compile(rb"\}(?=[ \t\r\n]*\])")
_OTHER_RECORD = re.compile(rb"\}(?=[ \t\r\n]*,[ \t\r\n]*\{)")
_TRIES = 3


class JsonBlockDocument(JsonDocument):
    """A document whose ``records`` also gives RecordFrame: consecutive records of it that were decoded as columns."""

    def __init__(self, file: IO[bytes], limit: int, decoder: RecordDecoder) -> None:
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
        size = min(BLOCK_BYTES, self._limit)
        start = self._base + len(self._text[: self._at].encode())
        data = self._source.bytes_at(start, size)
        if len(data) < LEAST_BYTES:
            return None
        for end in record_ends(data, whole=len(data) < size):
            block = decode_block(self._decoder, memoryview(data)[:end])
            if block is not None:
                self._decoder.note(found=True)
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


def decode_block(decoder: RecordDecoder, records: bytes | memoryview) -> RecordFrame | None:
    """Records with commas between them; None if they must be read one by one, or are cut."""
    try:
        return decoder.decode(b"".join((b"[", records, b"]")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def record_ends(data: bytes, *, whole: bool) -> Iterator[int]:
    """The likeliest ends of the last record in ``data``, best first; ``whole``: the document ends in it."""
    tail = max(0, len(data) - _TAIL_BYTES)
    for pattern in (_LAST_RECORD, _OTHER_RECORD) if whole else (_OTHER_RECORD, _LAST_RECORD):
        found = [match.end() for match in pattern.finditer(data, tail)]
        yield from reversed(found[-_TRIES:])
