"""Records of a JSON document in blocks: decoded as columns where they are alike, one by one elsewhere."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec
import numpy as np

from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_stream import JsonDocument
from citylake.pipelines.parse.record_frame import RecordFrame

BLOCK_BYTES = 4 << 20
LEAST_BYTES = 1 << 14
"""Bytes of records below which they are read one by one: learning their members takes longer."""
_FIRST_BYTES = 1 << 14
"""Bytes of text that are read first; what is in front of the records and behind them is short."""
_TAIL_BYTES = 1 << 18
"""Bytes at the end of a block in which the end of its last record is looked for."""
_LAST_RECORD = re.compile(rb"\}(?=[ \t\r\n]*\])")
_OTHER_RECORD = re.compile(rb"\}(?=[ \t\r\n]*,[ \t\r\n]*\{)")
_TRIES = 3
_CONTINUATION = 0b1000_0000
"""The upper bits of the bytes of a character in UTF-8 behind its first."""


class Utf8Text:
    """The text of a UTF-8 file without its byte order mark, from any place on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.start = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
        self.move(self.start)

    def move(self, at: int) -> None:
        """Continue at the byte ``at``, where a character begins."""
        self._file.seek(at)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._most = _FIRST_BYTES

    def read(self, size: int) -> str:
        """Up to ``size`` bytes as text; empty at the end. Raises UnicodeDecodeError."""
        data, self._most = self._file.read(min(size, self._most)), self._most * 4
        text = self._decoder.decode(data, final=not data)
        return text if text or not data else self.read(size)

    def bytes_at(self, at: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``at`` on; the text continues where it was."""
        place = self._file.tell()
        self._file.seek(at)
        data = self._file.read(size)
        self._file.seek(place)
        return data


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
            block = decode_block(self._decoder, data[:end])
            if block is not None:
                self._decoder.note(found=True)
                self._pass_block(data[:end], start + end)
                return block
        self._decoder.note(found=False)
        return None

    def _pass_block(self, data: bytes, end: int) -> None:
        line, column = self._place(self._at)
        last = data.rfind(b"\n") + 1
        self._column = _count_chars(data[last:]) + (1 if last else column)
        self._line = line + data.count(b"\n")
        self._text, self._at, self._done, self._base = "", 0, False, end
        self._source.move(end)

    def _refill(self) -> None:
        self._base += len(self._text[: self._at].encode())
        super()._refill()


def decode_block(decoder: RecordDecoder, records: bytes) -> RecordFrame | None:
    """Records with commas between them; None if they must be read one by one, or are cut."""
    try:
        return decoder.decode(b"[%b]" % records)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def record_ends(data: bytes, *, whole: bool) -> Iterator[int]:
    """The likeliest ends of the last record in ``data``, best first; ``whole``: the document ends in it."""
    tail = max(0, len(data) - _TAIL_BYTES)
    for pattern in (_LAST_RECORD, _OTHER_RECORD) if whole else (_OTHER_RECORD, _LAST_RECORD):
        found = [match.end() for match in pattern.finditer(data, tail)]
        yield from reversed(found[-_TRIES:])


def _count_chars(data: bytes) -> int:
    return int(np.count_nonzero((np.frombuffer(data, np.uint8) & 0b1100_0000) != _CONTINUATION))
