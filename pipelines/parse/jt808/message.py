"""A frame's content as a message: the header in its layouts of 2013 and 2019, and the body."""

from __future__ import annotations

from typing import NamedTuple

from citylake.pipelines.parse.refused_frames import Reason

_LENGTH_BITS = 0x03FF
_ENCRYPTION_BITS = 0x1C00
_SUBPACKAGE_BIT = 0x2000
_VERSION_BIT = 0x4000
_PHONE_BYTES_2013, _PHONE_BYTES_2019 = 6, 10


class Message(NamedTuple):
    """One message, or one subpackage of a message (``total`` above 0).

    ``kind``: the message id, four hexadecimal digits. ``version``: the protocol version of the layout of 2019, empty
    for that of 2013. ``phone``: without the zeros that fill it up, so that both layouts name a terminal alike.
    """

    kind: str
    version: str
    phone: str
    serial: int
    body: bytes
    encrypted: bool = False
    total: int = 0
    number: int = 0


def read_message(content: bytes) -> Message | Reason:
    """The message of a frame's content, or the reason why it is none."""
    properties = int.from_bytes(content[2:4])
    dated = bool(properties & _VERSION_BIT)
    at = 5 if dated else 4
    end = at + (_PHONE_BYTES_2019 if dated else _PHONE_BYTES_2013)
    parted = bool(properties & _SUBPACKAGE_BIT)
    start = end + 2 + 4 * parted
    length = properties & _LENGTH_BITS
    if len(content) - start != length:
        return ("JT808_LENGTH_WRONG", f"{max(len(content) - start, 0)}", f"{length}")
    return Message(
        content[:2].hex(),
        f"{content[4]}" if dated else "",
        content[at:end].hex().lstrip("0") or "0",
        int.from_bytes(content[end : end + 2]),
        content[start:],
        bool(properties & _ENCRYPTION_BITS),
        int.from_bytes(content[end + 2 : end + 4]) if parted else 0,
        int.from_bytes(content[end + 4 : end + 6]) if parted else 0,
    )
