"""Packets of a classic pcap file, down to what TCP carries."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAGICS = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\x3c\x4d": ">",
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_ETHERNET, _RAW_IP, _COOKED = 1, 101, 113
_HEADERS = {_ETHERNET: 14, _RAW_IP: 0, _COOKED: 16}
_IP_TYPES = (b"\x08\x00", b"\x86\xdd")
_VLANS = (b"\x81\x00", b"\x88\xa8")
_LONGEST = 1 << 20
"""Bytes of a packet; one that says more is a sign of damage."""
_TCP, _SYN = 6, 0x02


class CaptureError(Exception):
    """The file is no capture that can be read; the message says what was found."""


class TcpPacket(NamedTuple):
    """What one packet carries. ``stream``: sender and receiver; ``sequence``: of its first byte, below 2³²."""

    stream: str
    sequence: int
    is_first: bool
    payload: bytes


def is_capture(path: Path) -> bool:
    """Whether the file begins as a capture of packets does."""
    with path.open("rb") as file:
        return file.read(4) in (*_MAGICS, _PCAPNG)


def read_packets(path: Path, others: Counter[str]) -> Iterator[TcpPacket]:
    """Every packet of TCP in order; the others are counted in ``others`` by what they are. Raises CaptureError."""
    with path.open("rb") as file:
        head = file.read(24)
        order = _MAGICS.get(head[:4])
        if order is None or len(head) < 24:
            raise CaptureError("pcapng" if head[:4] == _PCAPNG else f"{len(head)} B")
        link = struct.unpack(f"{order}I", head[20:24])[0] & 0xFFFF
        if link not in _HEADERS:
            raise CaptureError(f"link type {link}")
        for data in _records(file, order, others):
            found = _tcp(_ip(data, link))
            if isinstance(found, TcpPacket):
                yield found
            else:
                others[found] += 1


def _records(file: BinaryIO, order: str, others: Counter[str]) -> Iterator[bytes]:
    """The bytes of each packet; one that the capture has not whole is counted as ``cut``."""
    while head := file.read(16):
        kept, size = struct.unpack(f"{order}8xII", head) if len(head) == 16 else (0, 0)
        if kept > _LONGEST:
            raise CaptureError(f"{kept} B")
        data = file.read(kept)
        others["cut"] += len(head) < 16 or len(data) < size
        if len(data) < kept or not data:
            return
        yield data


def _ip(data: bytes, link: int) -> bytes:
    """The IP packet of a frame; empty if it has none."""
    start = _HEADERS[link]
    if link == _RAW_IP:
        return data
    kind = data[start - 2 : start]
    while kind in _VLANS:
        kind, start = data[start + 2 : start + 4], start + 4
    return data[start:] if kind in _IP_TYPES else b""


def _tcp(packet: bytes) -> TcpPacket | str:
    """The packet, or what it is instead."""
    version = packet[0] >> 4 if len(packet) >= 40 else 0
    if version == 4:
        header, size = (packet[0] & 0x0F) * 4, int.from_bytes(packet[2:4], "big")
        if int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return "fragment"
        protocol, places = packet[9], (packet[12:16], packet[16:20])
    elif version == 6:
        header, size = 40, 40 + int.from_bytes(packet[4:6], "big")
        protocol, places = packet[6], (packet[8:24], packet[24:40])
    else:
        return "other"
    # A size of 0 is that of a packet which the network card was to divide; what follows its end is padding.
    segment = packet[header : size or len(packet)]
    if protocol != _TCP or len(segment) < 20 or (data := (segment[12] >> 4) * 4) < 20:
        return "other"
    ports = (int.from_bytes(segment[:2], "big"), int.from_bytes(segment[2:4], "big"))
    sender, receiver = (f"{ip_address(place)}:{port}" for place, port in zip(places, ports, strict=True))
    is_first = bool(segment[13] & _SYN)
    sequence = (int.from_bytes(segment[4:8], "big") + is_first) & 0xFFFFFFFF
    return TcpPacket(f"{sender} > {receiver}", sequence, is_first, segment[data:])
