"""Frames of JT/T 808, as a terminal in a vehicle writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import xor

_MICRO = 1_000_000


def jt808_frame(content: bytes) -> bytes:
    """Header and body with the checksum, escaped, between two ``7e``."""
    checked = content + bytes([reduce(xor, content, 0)])
    return b"\x7e" + checked.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def jt808_content(
    kind: int, phone: str, serial: int, body: bytes, *, part: tuple[int, int] = (0, 0), dated: bool = False
) -> bytes:
    """Header and body. ``dated``: in the layout of 2019; ``part``: total and number of a subpackage."""
    properties = len(body) | 0x2000 * (part != (0, 0)) | 0x4000 * dated
    digits = phone.zfill(20 if dated else 12)
    head = kind.to_bytes(2) + properties.to_bytes(2) + b"\x01" * dated + bytes.fromhex(digits) + serial.to_bytes(2)
    return head + (b"".join(each.to_bytes(2) for each in part) if part != (0, 0) else b"") + body


def jt808_position(values: Mapping[str, int], time: str, items: Mapping[int, bytes]) -> bytes:
    """A position's body. ``values``: alarm, status, latitude and longitude (millionths), altitude, speed, direction.

    ``time``: twelve digits; a latitude or longitude below 0 sets its bit of the status.
    """
    latitude, longitude = values["latitude"], values["longitude"]
    status = values["status"] | 4 * (latitude < 0) | 8 * (longitude < 0)
    wide = (values["alarm"], status, abs(latitude), abs(longitude))
    narrow = (values["altitude"], values["speed"], values["direction"])
    fixed = b"".join(each.to_bytes(4) for each in wide) + b"".join(each.to_bytes(2) for each in narrow)
    extra = b"".join(bytes([kind, len(value)]) + value for kind, value in items.items())
    return fixed + bytes.fromhex(time) + extra


def jt808_batch(positions: Sequence[bytes], *, resent: bool = False) -> bytes:
    """The body of several positions; ``resent``: from a blind area."""
    return len(positions).to_bytes(2) + bytes([resent]) + b"".join(len(each).to_bytes(2) + each for each in positions)


def jt808_subpackages(kind: int, phone: str, serial: int, body: bytes, size: int) -> list[bytes]:
    """The contents of a message whose body is cut every ``size`` bytes."""
    cuts = [body[at : at + size] for at in range(0, len(body), size)]
    return [
        jt808_content(kind, phone, (serial + number - 1) % 65536, cut, part=(len(cuts), number))
        for number, cut in enumerate(cuts, 1)
    ]


def micro_degrees(degrees: str) -> int:
    """Degrees in millionths."""
    return round(float(degrees) * _MICRO)
