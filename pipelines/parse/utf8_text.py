"""The text of a UTF-8 file from any byte on."""

from __future__ import annotations

import codecs
from io import BufferedReader

import numpy as np

from citylake.pipelines.parse.parse_limits import CHUNK_BYTES

_FIRST_BYTES = 1 << 14
"""Bytes that are read first; often no more is needed."""
_GROWTH = 4
_CONTINUATION = 0b1000_0000
"""The upper two bits of the bytes of a character behind its first."""


class Utf8Text:
    """The text of a UTF-8 file without its byte order mark, from any place on."""

    def __init__(self, file: BufferedReader) -> None:
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
        data, self._most = self._file.read(min(size, self._most)), self._most * _GROWTH
        text = self._decoder.decode(data, final=not data)
        return text if text or not data else self.read(size)

    def read_at(self, at: int, into: memoryview) -> int:
        """Read from the byte ``at`` on; the number of bytes. The text continues where it was."""
        place = self._file.tell()
        self._file.seek(at)
        count = self._file.readinto(into)
        self._file.seek(place)
        return count

    def place(self, at: int) -> tuple[int, int]:
        """The line and the column of the byte ``at``, from 1."""
        self._file.seek(self.start)
        line, column = 1, 1
        while self._file.tell() < at:
            data = self._file.read(min(CHUNK_BYTES, at - self._file.tell()))
            last = data.rfind(b"\n") + 1
            column = _count_chars(data[last:]) + (1 if last else column)
            line += data.count(b"\n")
        return line, column


def _count_chars(data: bytes) -> int:
    return int(np.count_nonzero((np.frombuffer(data, np.uint8) & 0b1100_0000) != _CONTINUATION))
