"""Bytes into frames ``7e`` … ``7e``; what stands between two of these bytes is a frame or refused with the reason.

Within a frame, ``7e`` is written ``7d 02`` and ``7d`` is ``7d 01``. So no frame has the byte ``7e``, and after a broken
frame reading goes on at the next one. Two frames may share one ``7e``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from citylake.pipelines.parse.refused_frames import Reason

CHUNK_BYTES = 1 << 20
LONGEST = 2 * (21 + 1023 + 1)
"""Bytes of the longest frame between its two ``7e``, if each of them was escaped."""
SHORTEST = 13
_FLAG, _ESCAPE = b"\x7e", b"\x7d"
_ESCAPED_FLAG, _ESCAPED_ESCAPE = b"\x7d\x02", b"\x7d\x01"
_BLANK = b"\r\n"
"""Ends of lines between frames, as some archives have them."""


class Frame(NamedTuple):
    """``sent``: the bytes between two ``7e``, from ``offset``. ``content``: header and body; empty with a reason."""

    offset: int
    sent: bytes
    content: bytes
    reason: Reason | None = None


class _Stretch(NamedTuple):
    offset: int
    sent: bytes
    whole: bool
    """Whether ``7e`` stands on both sides."""


def read_frames(path: Path, chunk: int = CHUNK_BYTES) -> Iterator[Frame]:
    """Every frame and every stretch that is none, in order; ends of lines between frames alone are left out."""
    with path.open("rb") as file:
        held, at, whole = b"", 0, False
        while data := file.read(chunk):
            *stretches, held = (held + data).split(_FLAG)
            found = []
            for sent in stretches:
                found.append(_Stretch(at, sent, whole))
                at, whole = at + len(sent) + 1, True
            if len(held) > LONGEST:
                cut = len(held) - len(held) % LONGEST
                found.append(_Stretch(at, held[:cut], whole=False))
                held, at, whole = held[cut:], at + cut, False
            yield from _checked(found)
        yield from _checked([_Stretch(at, held, whole=False)])


def _checked(stretches: list[_Stretch]) -> Iterator[Frame]:
    """The frames of ``stretches``; the checksums of all of them are computed at once."""
    shown = [each for each in stretches if each.sent.strip(_BLANK)]
    contents = [_unescaped(each.sent) for each in shown]
    for stretch, content, check in zip(shown, contents, _checks(contents), strict=True):
        yield from _frames(stretch, content, check)


def _unescaped(sent: bytes) -> bytes:
    """The bytes that were meant; empty if a ``7d`` stands alone."""
    if _ESCAPE not in sent:
        return sent
    if sent.count(_ESCAPE) != sent.count(_ESCAPED_FLAG) + sent.count(_ESCAPED_ESCAPE):
        return b""
    return sent.replace(_ESCAPED_FLAG, _FLAG).replace(_ESCAPED_ESCAPE, _ESCAPE)


def _checks(contents: list[bytes]) -> list[int]:
    """Of each content the XOR of its bytes, checksum included: 0 if it is right."""
    lengths = np.array([len(each) for each in contents], np.int64)
    found = np.zeros(len(contents), np.uint8)
    filled = lengths > 0
    if filled.any():
        starts = (np.cumsum(lengths) - lengths)[filled]
        found[filled] = np.bitwise_xor.reduceat(np.frombuffer(b"".join(contents), np.uint8), starts)
    return found.tolist()


def _frames(stretch: _Stretch, content: bytes, check: int) -> Iterator[Frame]:
    """The one frame of a stretch, or its pieces if it cannot be one."""
    offset, sent, whole = stretch
    if not whole or len(sent) > LONGEST:
        for cut in range(0, len(sent), LONGEST):
            text = sent[cut : cut + LONGEST]
            yield Frame(offset + cut, text, b"", ("JT808_NO_FRAME", f"{len(text)}", ""))
    elif not content:
        yield Frame(offset, sent, b"", ("JT808_ESCAPE_WRONG", "7d", "7d01 7d02"))
    elif len(content) < SHORTEST:
        yield Frame(offset, sent, b"", ("JT808_LENGTH_WRONG", f"{len(content)}", f"{SHORTEST}"))
    elif check:
        given = content[-1]
        yield Frame(offset, sent, b"", ("JT808_CHECKSUM_WRONG", f"{given:02x}", f"{given ^ check:02x}"))
    else:
        yield Frame(offset, sent, content[:-1])
