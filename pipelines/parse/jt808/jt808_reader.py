"""Positions of JT/T 808 as rows of text; every frame gives rows, is refused, or is counted in the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.parse.jt808.frames import Frame, read_frames
from citylake.pipelines.parse.jt808.message import Message, read_message
from citylake.pipelines.parse.jt808.positions import BATCH, COLUMNS, REPORT, read_positions
from citylake.pipelines.parse.jt808.subpackages import Subpackage, SubpackageStore
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.refused_frames import Reason, RefusedFrames
from citylake.pipelines.parse.row_buffer import PlacedRow, RowBuffer
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.model.formats import Jt808Format

HEAD_COLUMNS = ("offset", "message", "version", "phone", "serial", "item", "batch-type", *COLUMNS)


def read_jt808(request: ReadRequest, fmt: Jt808Format) -> ReadResult:
    """Write the files of ``request``, each of which is a stream of frames.

    ``_row`` counts rows and refused frames. Raises JT808_NOT_FRAMES if more is refused than read.
    """
    refused = RefusedFrames(request, Spool(request.scratch, name="refused"), fmt.bad_rows == "hold")
    reader = _Reader(request, refused)
    buffer = RowBuffer(request, Spool(request.scratch)).all(reader.rows())
    if refused.rows > reader.frames:
        raise request.fault("JT808_NOT_FRAMES", row=1, found=reader.frames, refused=refused.rows)
    columns = tuple(dict.fromkeys((*HEAD_COLUMNS, *sorted(buffer.columns))))
    check_column_names(request, columns, 1)
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in buffer.columns]
    frame = buffer.frame().with_columns(absent) if buffer.columns else buffer.spool.frame(columns)
    written = request.write(frame, buffer.spool.group_rows)
    report = reader.report()
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(columns, written, report, refused.write())


@dataclass(slots=True)
class _Reader:
    request: ReadRequest
    refused: RefusedFrames
    frames: int = 0
    """Frames with a right checksum."""
    messages: int = 0
    """Messages that gave rows."""
    number: int = 0
    parts: SubpackageStore = field(default_factory=SubpackageStore)
    others: Counter[str] = field(default_factory=Counter)
    """Frames that are no positions, by their message id."""

    def rows(self) -> Iterator[PlacedRow]:
        """Every position in order; what is refused is put aside."""
        files = self.request.files
        for count, path in enumerate(files, 1):
            part = f"{count}" if len(files) > 1 else ""
            for frame in read_frames(path):
                yield from self._read(part, frame)
                self._give_up(*self.parts.given_up())
            self._give_up(*self.parts.given_up(0))

    def report(self) -> ParseReport:
        """Frames by what became of them."""
        return ParseReport(
            {
                "frames": self.frames,
                "messages": self.messages,
                "other_messages": dict(sorted(self.others.items())),
                "joined_subpackages": self.parts.joined,
                "repeated_subpackages": self.parts.repeated,
            }
        )

    def _read(self, part: str, frame: Frame) -> Iterator[PlacedRow]:
        self.frames += frame.reason is None
        found = frame.reason or self._whole(part, frame)
        if isinstance(found, Message):
            yield from self._positions(part, frame, found)
        elif found:
            self._refuse(part, frame, found)

    def _whole(self, part: str, frame: Frame) -> Message | Reason | None:
        """The message of a frame or of its last subpackage; None if it gives no rows."""
        message = read_message(frame.content)
        if not isinstance(message, Message):
            return message
        if message.kind not in {REPORT, BATCH}:
            self.others[message.kind] += 1
            return None
        if message.encrypted:
            return ("JT808_ENCRYPTED", message.kind, "")
        return self.parts.add(Subpackage(part, frame, message)) if message.total else message

    def _positions(self, part: str, frame: Frame, message: Message) -> Iterator[PlacedRow]:
        found = read_positions(message.kind, message.body)
        if not isinstance(found, list):
            self._refuse(part, frame, found)
            return
        self.messages += 1
        head = {
            "offset": f"{frame.offset}",
            "message": message.kind,
            "version": message.version or None,
            "phone": message.phone,
            "serial": f"{message.serial}",
        }
        for position in found:
            self.number += 1
            yield part, self.number, head | position

    def _give_up(self, *lost: tuple[Subpackage, Reason]) -> None:
        for each, reason in lost:
            self._refuse(each.part, each.frame, reason)

    def _refuse(self, part: str, frame: Frame, reason: Reason) -> None:
        self.number += 1
        self.refused.add(part, self.number, frame.sent.hex(), reason)
