"""A cheap look at every byte of a delimited file: whether the fast reader may be trusted with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.parse.layout import Layout
from pipelines.parse.limits import SURVEYED

# Each with its rarest byte first: one byte is found far faster than three in Chinese text.
_STRANGE = ((b"\x00", b"\x00", "NUL"), (b"\x1a", b"\x1a", "^Z"), (b"\xef", b"\xef\xbb\xbf", "BOM"))


@dataclass(slots=True)
class Survey:
    """The records seen, and why the fast reader must not be used (None: it may)."""

    rows: int = 0
    why: str | None = None


def survey(path: Path, layout: Layout) -> Survey:
    """Look at the data in ``path``; stops at the first thing that needs care.

    Chunks end with a line's end, so that each starts outside of quotes; a field longer than two chunks cannot hide.
    """
    quote, delimiter = layout.dialect.quote.encode(), layout.dialect.delimiter.encode()
    # What is left of a record without its text: polars fills short records and cuts long ones without a word.
    skeleton = delimiter * (layout.width - 1) + b"\n"
    text = bytes(byte for byte in range(256) if byte not in skeleton)
    seen = Survey()
    carriage: bool | None = None
    with path.open("rb") as file:
        file.seek(layout.offset)
        while seen.why is None and (chunk := _lines(file)):
            carriage = b"\r" in chunk if carriage is None else carriage
            seen.why = _strange(chunk, carriage)
            if seen.why is None and quote and quote in chunk:
                chunk, seen.why = _outside(chunk.split(quote), delimiter)
            bones = chunk.translate(None, text)
            rows = len(bones) // len(skeleton)
            seen.rows += rows
            seen.why = seen.why or (None if bones == skeleton * rows else "row width")
    return seen


def _lines(file: IO[bytes]) -> bytes:
    """Whole lines; one that is longer than it may be is cut, and ends without a line's end."""
    chunk = file.read(SURVEYED)
    if not chunk or chunk.endswith(b"\n"):
        return chunk
    rest = file.readline(SURVEYED)
    last = len(rest) < SURVEYED and not rest.endswith(b"\n")
    return chunk + rest + (b"\n" if last else b"")


def _strange(chunk: bytes, carriage: bool) -> str | None:
    found = next((name for first, mark, name in _STRANGE if first in chunk and mark in chunk), None)
    if found:
        return found
    if not chunk.endswith(b"\n"):
        return "long line"
    if carriage or b"\r" in chunk:
        ends = chunk.count(b"\r\n")
        if not carriage or ends != chunk.count(b"\r") or ends != chunk.count(b"\n"):
            return "line ends"
    return None


def _outside(pieces: list[bytes], delimiter: bytes) -> tuple[bytes, str | None]:
    """What is outside of quotes in ``pieces`` (in turn outside and inside); only structure may touch a quote."""
    outside, inside = pieces[::2], pieces[1::2]
    whole = b"".join(outside)
    if len(pieces) % 2 == 0 or any(b"\n" in piece for piece in inside):
        return whole, "line end in quotes"
    after, before = (delimiter[0], 10, 13), (delimiter[0], 10)
    opened = all(not piece or piece[-1] in before for piece in outside[:-1])
    closed = all(not piece or piece[0] in after for piece in outside[1:])
    return whole, None if opened and closed else "quote in a field"
