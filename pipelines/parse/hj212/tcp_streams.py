"""The bytes of each direction of the TCP connections of a capture, in the order in which they were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

from citylake.pipelines.parse.hj212.packets import read_packets

HELD_BYTES = 4 << 20
"""Bytes after a gap that wait for what is missing, of one stream; above it, the gap is skipped."""
_WRITTEN_BYTES = 1 << 16
_HALF, _ALL = 1 << 31, 1 << 32


@dataclass(slots=True)
class TcpStream:
    """One direction. ``missing``: bytes that never came, or were sent before the first that did."""

    path: Path
    missing: int = 0
    _first: int | None = None
    _next: int = 0
    """Place of the next byte; places go on where sequence numbers begin again."""
    _ready: bytearray = field(default_factory=bytearray)
    _later: list[tuple[int, bytes]] = field(default_factory=list)
    """A heap of what came too early."""
    _held: int = 0

    def start(self, sequence: int) -> None:
        """A connection begins; what waits belongs to one before."""
        if self._first is None or self._first % _ALL != sequence:
            self.finish()
            self._first = self._next = sequence

    def add(self, sequence: int, payload: bytes) -> None:
        """Add what a packet carries; bytes that came before are left out."""
        if not payload:
            return
        if self._first is None:
            self._first = self._next = sequence
        place = self._next + (sequence - self._next + _HALF) % _ALL - _HALF
        self.missing += min(max(self._first - place, 0), len(payload))
        heappush(self._later, (place, payload))
        self._held += len(payload)
        self._join()
        while self._held > HELD_BYTES:
            self._skip_gap()
        if len(self._ready) >= _WRITTEN_BYTES:
            self._write()

    def finish(self) -> None:
        """Write everything, whatever is missing between."""
        while self._later:
            self._skip_gap()
        # A frame that was cut must not be joined to what follows.
        self._ready += b"\n" if self._ready or self.path.exists() else b""
        self._write()

    def _join(self) -> None:
        while self._later and self._later[0][0] <= self._next:
            place, payload = heappop(self._later)
            self._held -= len(payload)
            fresh = payload[self._next - place :]
            self._ready += fresh
            self._next += len(fresh)

    def _skip_gap(self) -> None:
        self.missing += self._later[0][0] - self._next
        self._next = self._later[0][0]
        self._ready += b"\n"
        self._join()

    def _write(self) -> None:
        if self._ready:
            with self.path.open("ab") as file:
                file.write(self._ready)
            self._ready.clear()


def write_streams(capture: Path, folder: Path, others: Counter[str]) -> Mapping[str, TcpStream]:
    """Each stream that carries something, written to a file below ``folder``. Raises CaptureError."""
    found: dict[str, TcpStream] = {}
    for packet in read_packets(capture, others):
        stream = found.get(packet.stream)
        if stream is None:
            if not packet.payload and not packet.is_first:
                continue
            stream = found[packet.stream] = TcpStream(folder / f"{capture.name}-{len(found):06d}")
        if packet.is_first:
            stream.start(packet.sequence)
        stream.add(packet.sequence, packet.payload)
    for stream in found.values():
        stream.finish()
    return {name: stream for name, stream in found.items() if stream.path.exists()}
