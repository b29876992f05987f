"""Frames of HJ 212, as a data logger writes them; the checksum bit by bit, as the standard describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def hj212_checksum(data: bytes) -> int:
    """The checksum of a message."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def hj212_frame(message: bytes) -> bytes:
    """The message with its start, its length and its checksum, and the end of the line."""
    return b"##%04d%s%04X\r\n" % (len(message), message, hj212_checksum(message))


def hj212_message(head: Mapping[str, str], values: Mapping[str, str], factors: Mapping[str, Mapping[str, str]]) -> str:
    """``head`` in its order, then within ``CP``: ``values``, and the kinds of each factor."""
    groups = [f"{name}={value}" for name, value in values.items()]
    for factor, kinds in factors.items():
        groups.append(",".join(f"{factor}-{kind}={value}" for kind, value in kinds.items()))
    return "".join(f"{name}={value};" for name, value in head.items()) + f"CP=&&{';'.join(groups)}&&"


def hj212_segments(
    head: Mapping[str, str], values: Mapping[str, str], parts: Sequence[Mapping[str, Mapping[str, str]]]
) -> list[str]:
    """A message in several segments, each with its number and with ``values``."""
    numbered = [{**head, "PNUM": f"{len(parts)}", "PNO": f"{number}"} for number in range(1, len(parts) + 1)]
    return [hj212_message(each, values, part) for each, part in zip(numbered, parts, strict=True)]
