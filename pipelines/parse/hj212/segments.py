"""Messages in several segments: joined when the last has come, in whatever order, and given back if one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from citylake.pipelines.parse.hj212.frames import Piece
from citylake.pipelines.parse.hj212.message import Message
from citylake.pipelines.parse.refused_frames import Reason

HELD_FRAMES = 10_000
"""Segments that wait for others; above it, the oldest message is given up."""
_Key = tuple[str, ...]


class Segment(NamedTuple):
    """A frame and its message."""

    piece: Piece
    message: Message


@dataclass(slots=True)
class SegmentStore:
    """Segments by their message: the same MN, ST, CN, QN and PNUM.

    ``repeated``: segments that came twice with the same text.
    """

    repeated: int = 0
    _waiting: dict[_Key, dict[int, Segment]] = field(default_factory=dict)
    _frames: int = 0

    def add(self, segment: Segment) -> Message | Reason | None:
        """The whole message if this is the last of its segments; a reason if it cannot be one; otherwise None."""
        head, count = segment.message.head, segment.message.segments
        number = head.get("PNO", "")
        if not number.isdecimal() or not 1 <= int(number) <= count:
            return ("HJ212_SEGMENT_WRONG", number, f"{count}")
        key = tuple(head.get(name, "") for name in ("MN", "ST", "CN", "QN", "PNUM"))
        known = self._waiting.setdefault(key, {})
        if before := known.get(int(number)):
            if before.piece.text != segment.piece.text:
                return ("HJ212_SEGMENT_WRONG", number, f"{count}")
            self.repeated += 1
            return None
        known[int(number)] = segment
        self._frames += 1
        if len(known) < count:
            return None
        self._frames -= len(self._waiting.pop(key))
        return _joined([known[each].message for each in sorted(known)])

    def given_up(self, held: int = HELD_FRAMES) -> Iterator[tuple[Piece, Reason]]:
        """The segments of the oldest messages, until no more than ``held`` wait."""
        while self._frames > held:
            segments = self._waiting.pop(next(iter(self._waiting)))
            self._frames -= len(segments)
            for piece, message in segments.values():
                yield piece, ("HJ212_SEGMENT_MISSING", f"{len(segments)}", f"{message.segments}")


def _joined(messages: list[Message]) -> Message | Reason:
    """One message; DataTime may be in each segment. A value that differs between segments is a fault."""
    whole = Message({**messages[0].head, "PNO": "1"})
    for message in messages:
        for name, value in message.values.items():
            if whole.values.setdefault(name, value) != value:
                return ("HJ212_FIELD_BROKEN", f"{name}={value}", "=")
        for factor, values in message.factors.items():
            into = whole.factors.setdefault(factor, {})
            if twice := into.keys() & values.keys():
                return ("HJ212_FIELD_BROKEN", f"{factor}-{min(twice)}", "=")
            into.update(values)
    return whole
