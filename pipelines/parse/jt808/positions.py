"""Positions of messages 0200 and 0704 as texts: numbers in their units, flags as lists of the bits that are set."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from citylake.pipelines.parse.refused_frames import Reason

REPORT, BATCH = "0200", "0704"
COLUMNS = (
    *("alarm", "alarm-bits", "status", "status-bits", "latitude", "longitude"),
    *("altitude", "speed", "direction", "time", "mileage"),
)
_BASIC = struct.Struct(">IIIIHHH6s")
_SOUTH_BIT, _WEST_BIT = 4, 8
_MILEAGE, _MILEAGE_BYTES = 1, 4
_MICRO = 1_000_000

Position = dict[str, str | None]


def read_positions(kind: str, body: bytes) -> list[Position] | Reason:
    """The positions of a message's body, or the reason why it cannot be read."""
    try:
        return [_position(body)] if kind == REPORT else list(_batch(body))
    except _BrokenError as error:
        return ("JT808_BODY_WRONG", error.found, error.expected)


class _BrokenError(Exception):
    def __init__(self, found: int, expected: int) -> None:
        super().__init__(found, expected)
        self.found, self.expected = f"{found}", f"{expected}"


def _batch(body: bytes) -> Iterator[Position]:
    """Count, type (0: regular, 1: resent from a blind area), then each position after its length."""
    _need(body, 0, 3)
    count, at = int.from_bytes(body[:2]), 3
    for number in range(1, count + 1):
        _need(body, at, 2)
        length = int.from_bytes(body[at : at + 2])
        _need(body, at + 2, length)
        yield {"item": f"{number}", "batch-type": f"{body[2]}", **_position(body[at + 2 : at + 2 + length])}
        at += 2 + length
    if at != len(body):
        raise _BrokenError(len(body), at)


def _position(body: bytes) -> Position:
    _need(body, 0, _BASIC.size)
    alarm, status, latitude, longitude, altitude, speed, direction, time = _BASIC.unpack_from(body)
    return {
        "alarm": f"{alarm:08x}",
        "alarm-bits": _bits(alarm),
        "status": f"{status:08x}",
        "status-bits": _bits(status),
        "latitude": _degrees(latitude, negative=bool(status & _SOUTH_BIT)),
        "longitude": _degrees(longitude, negative=bool(status & _WEST_BIT)),
        "altitude": f"{altitude}",
        "speed": _tenths(speed),
        "direction": f"{direction}",
        "time": time.hex(),
        **_items(body),
    }


def _items(body: bytes) -> Position:
    """The additional items; of an id that occurs twice, both values."""
    found: Position = {}
    at = _BASIC.size
    while at < len(body):
        _need(body, at, 2)
        kind, length = body[at], body[at + 1]
        _need(body, at + 2, length)
        value = body[at + 2 : at + 2 + length]
        if kind == _MILEAGE and length == _MILEAGE_BYTES and "mileage" not in found:
            found["mileage"] = _tenths(int.from_bytes(value))
        else:
            name = f"item-{kind:02x}"
            before = found.get(name)
            found[name] = f"{before} {value.hex()}" if before is not None else value.hex()
        at += 2 + length
    return found


def _need(body: bytes, at: int, length: int) -> None:
    if at + length > len(body):
        raise _BrokenError(len(body), at + length)


def _bits(flags: int) -> str | None:
    """The numbers of the bits that are set, lowest first, separated by semicolons."""
    return ";".join(f"{bit}" for bit in range(32) if flags >> bit & 1) or None


def _degrees(value: int, *, negative: bool) -> str:
    return f"{'-' if negative and value else ''}{value // _MICRO}.{value % _MICRO:06d}"


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"
