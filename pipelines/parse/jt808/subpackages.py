"""Messages in several frames: joined when the last has come, in whatever order, and given back if one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from citylake.pipelines.parse.jt808.frames import Frame
from citylake.pipelines.parse.jt808.message import Message
from citylake.pipelines.parse.refused_frames import Reason

HELD_FRAMES = 10_000
"""Subpackages that wait for others; above it, the oldest message is given up."""
_SERIALS = 1 << 16
_Key = tuple[str, str, str, int, int]


class Subpackage(NamedTuple):
    """A frame, the part of the archive that it is in, and its message."""

    part: str
    frame: Frame
    message: Message


@dataclass(slots=True)
class SubpackageStore:
    """Subpackages by their message: the same terminal, id and total, and serial numbers one after another.

    ``repeated``: subpackages that came twice with the same body. ``joined``: those that messages were made of.
    """

    repeated: int = 0
    joined: int = 0
    _waiting: dict[_Key, dict[int, Subpackage]] = field(default_factory=dict)
    _frames: int = 0

    def add(self, each: Subpackage) -> Message | Reason | None:
        """The whole message if this is the last of its subpackages; a reason if it cannot be one; otherwise None."""
        message = each.message
        if not 1 <= message.number <= message.total:
            return ("JT808_SUBPACKAGE_WRONG", f"{message.number}", f"{message.total}")
        first = (message.serial - message.number + 1) % _SERIALS
        key = (message.phone, message.kind, message.version, message.total, first)
        known = self._waiting.setdefault(key, {})
        if before := known.get(message.number):
            if before.message.body != message.body:
                return ("JT808_SUBPACKAGE_WRONG", f"{message.number}", f"{message.total}")
            self.repeated += 1
            return None
        known[message.number] = each
        self._frames += 1
        if len(known) < message.total:
            return None
        return self._whole(key)

    def given_up(self, held: int = HELD_FRAMES) -> Iterator[tuple[Subpackage, Reason]]:
        """The subpackages of the oldest messages, until no more than ``held`` wait."""
        while self._frames > held:
            found = self._waiting.pop(next(iter(self._waiting)))
            self._frames -= len(found)
            for each in found.values():
                yield each, ("JT808_SUBPACKAGE_MISSING", f"{len(found)}", f"{each.message.total}")

    def _whole(self, key: _Key) -> Message:
        found = self._waiting.pop(key)
        self._frames -= len(found)
        self.joined += len(found)
        parts = [found[number].message for number in sorted(found)]
        return parts[0]._replace(body=b"".join(part.body for part in parts), total=0, number=0)
