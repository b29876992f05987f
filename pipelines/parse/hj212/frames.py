"""Bytes into frames ``##`` + length + message + checksum; what is no frame is kept as text with the reason.

A stretch that is no frame ends at its line's end or at the next ``##`` with a length, and reading goes on there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from citylake.pipelines.parse.hj212.crc import checksums
from citylake.pipelines.parse.refused_frames import Reason

CHUNK_BYTES = 1 << 20
_START = re.compile(rb"##(\d{4})")
_HEX = re.compile(rb"[0-9A-Fa-f]{4}")
_HEAD, _TAIL = 6, 4
_LONGEST = _HEAD + 9999 + _TAIL


class Piece(NamedTuple):
    """A frame, or the text of a stretch that is none, with the reason."""

    part: str
    offset: int
    text: bytes
    reason: Reason | None = None

    @property
    def message(self) -> bytes:
        """What a frame holds."""
        return self.text[_HEAD:-_TAIL]


class _Marker(NamedTuple):
    """A ``##`` with a length; ``crc``: the checksum of what follows, or -1 if there is none that could be compared."""

    start: int
    length: int
    crc: int


def read_pieces(files: Sequence[Path], chunk: int = CHUNK_BYTES) -> Iterator[Piece]:
    """The pieces of ``files``, which are one stream, in order; ``part`` names the file if there are several."""
    held, origins, at = b"", [(0, "")], 0
    read = 0
    for number, path in enumerate(files):
        if len(files) > 1:
            origins.append((read, f"{number + 1}"))
        with path.open("rb") as file:
            while data := file.read(chunk):
                read += len(data)
                held += data
                pieces, done = _cut(held, final=False)
                yield from _placed(pieces, at, origins)
                held, at = held[done:], at + done
                origins = _since(origins, at)
    yield from _placed(_cut(held, final=True)[0], at, origins)


def _since(origins: list[tuple[int, str]], at: int) -> list[tuple[int, str]]:
    last = max(number for number, (start, _) in enumerate(origins) if start <= at)
    return origins[last:]


def _placed(pieces: list[Piece], at: int, origins: Sequence[tuple[int, str]]) -> Iterator[Piece]:
    for piece in pieces:
        where = at + piece.offset
        start, part = max(each for each in origins if each[0] <= where)
        yield piece._replace(part=part, offset=where - start)


def _cut(data: bytes, *, final: bool) -> tuple[list[Piece], int]:
    """The pieces of ``data``, and the bytes that they take; the rest needs what follows."""
    found: list[Piece] = []
    at = 0
    for marker, following in _markers(data):
        if marker.start < at:
            continue
        _put_stray(found, data, at, marker.start)
        end = marker.start + _HEAD + marker.length + _TAIL
        if end > len(data) and not final:
            return found, marker.start
        if marker.crc >= 0 and marker.crc == int(data[end - _TAIL : end], 16):
            found.append(Piece("", marker.start, data[marker.start : end]))
            at = end
            continue
        at = _broken_end(data, marker.start, following)
        if at == len(data) < marker.start + _LONGEST and not final:
            return found, marker.start
        found.append(_broken_frame(data[marker.start : at], marker))
    rest = len(data) if final else _kept_stray(data, at)
    _put_stray(found, data, at, rest)
    return found, max(at, rest)


def _markers(data: bytes) -> Iterator[tuple[_Marker, int]]:
    """Every marker with the start of the next one."""
    places = [(each.start(), int(each[1])) for each in _START.finditer(data)]
    whole = [n for n, (start, length) in enumerate(places) if length and _HEX.match(data, start + _HEAD + length)]
    starts = np.array([places[n][0] + _HEAD for n in whole], np.int64)
    lengths = np.array([places[n][1] for n in whole], np.int64)
    sums = dict(zip(whole, checksums(data, starts, lengths).tolist(), strict=True))
    following = [start for start, _ in places[1:]] + [len(data)]
    for number, (start, length) in enumerate(places):
        yield _Marker(start, length, sums.get(number, -1)), following[number]


def _broken_end(data: bytes, start: int, following: int) -> int:
    line = data.find(b"\n", start, following)
    return min(following if line < 0 else line, start + _LONGEST)


def _broken_frame(text: bytes, marker: _Marker) -> Piece:
    """Its reason: the length if it is not that of the text, otherwise the checksum."""
    shown = text.rstrip()
    length = len(shown) - _HEAD - _TAIL
    if length != marker.length:
        return Piece("", marker.start, shown, ("HJ212_LENGTH_WRONG", f"{max(length, 0)}", f"{marker.length}"))
    expected = f"{marker.crc:04X}" if marker.crc >= 0 else ""
    given = shown[-_TAIL:].decode("ascii", "backslashreplace")
    return Piece("", marker.start, shown, ("HJ212_CRC_WRONG", given, expected))


def _kept_stray(data: bytes, at: int) -> int:
    """Where a stretch without a frame is cut: a line is kept whole, unless it is longer than any frame."""
    if len(data) - at > _LONGEST:
        return len(data) - _HEAD
    return max(at, data.rfind(b"\n", at) + 1)


def _put_stray(found: list[Piece], data: bytes, start: int, end: int) -> None:
    """Each line between frames that is not blank, in pieces of at most a frame's length."""
    if not data[start:end].strip():
        return
    for line in data[start:end].splitlines(keepends=True):
        found.extend(
            Piece("", start + cut, text, ("HJ212_NO_FRAME", f"{len(text)}", ""))
            for cut in range(0, len(line), _LONGEST)
            if (text := line[cut : cut + _LONGEST].strip())
        )
        start += len(line)
