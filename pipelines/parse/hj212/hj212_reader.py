"""Messages of HJ 212 as rows of text; every frame is a row, refused, or counted in the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.parse.hj212.frames import Piece, read_pieces
from citylake.pipelines.parse.hj212.message import Message, parse_message
from citylake.pipelines.parse.hj212.message_layouts import LayoutRows
from citylake.pipelines.parse.hj212.packets import CaptureError, is_capture
from citylake.pipelines.parse.hj212.segments import HELD_FRAMES, Segment, SegmentStore
from citylake.pipelines.parse.hj212.tcp_streams import write_streams
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.refused_frames import Reason, RefusedFrames
from citylake.pipelines.parse.row_buffer import PlacedRow, RowBuffer
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.model.formats import Hj212Format

HEAD_COLUMNS = ("offset", "QN", "ST", "CN", "MN", "Flag", "DataTime")
KINDS = ("Rtd", "Avg", "Min", "Max", "Cou", "Flag")
_FACTOR_COLUMNS = ("factor", *(f"factor-{kind}" for kind in KINDS))
_PASSWORD = re.compile(r"(;CN=\d*;(?:PW=)?)[^;&]*(?=;MN=)|(PW=)[^;&]*")


def read_hj212(request: ReadRequest, fmt: Hj212Format) -> ReadResult:
    """Write the files of ``request``, which are one stream.

    ``_row`` counts rows and refused frames. Raises HJ212_NOT_FRAMES if more is refused than read.
    """
    refused = RefusedFrames(request, Spool(request.scratch, name="refused"), fmt.bad_rows == "hold")
    reader = _Reader(request, fmt, refused, LayoutRows(fmt.rows == "factors", frozenset(fmt.commands)))
    buffer = RowBuffer(request, Spool(request.scratch)).all(reader.rows())
    if reader.refused.rows > reader.frames:
        raise request.fault("HJ212_NOT_FRAMES", row=1, found=reader.frames, refused=reader.refused.rows)
    least = (*HEAD_COLUMNS, *(_FACTOR_COLUMNS if fmt.rows == "factors" else ()))
    columns = tuple(dict.fromkeys((*least, *buffer.columns)))
    check_column_names(request, columns, 1)
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in buffer.columns]
    frame = buffer.spool.frame(columns) if not buffer.columns else buffer.frame().with_columns(absent)
    written = request.write(frame, buffer.spool.group_rows)
    report = reader.report()
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(columns, written, report, reader.refused.write())


@dataclass(slots=True)
class _Reader:
    request: ReadRequest
    fmt: Hj212Format
    refused: RefusedFrames
    layouts: LayoutRows
    frames: int = 0
    """Frames with a right length and checksum."""
    messages: int = 0
    """Messages that gave rows."""
    number: int = 0
    segments: SegmentStore = field(default_factory=SegmentStore)
    others: Counter[str] = field(default_factory=Counter)
    """Frames that are no data, by their command."""
    packets: Counter[str] = field(default_factory=Counter)
    """Packets of a capture that carry no TCP, by what they are."""
    missing: int = 0
    """Bytes of the streams of a capture that are not in it."""

    def rows(self) -> Iterator[PlacedRow]:
        """Every row in order; what is refused is put aside."""
        for piece in self._pieces():
            self.frames += piece.reason is None
            text = self._text(piece) if piece.reason is None else piece.reason
            if isinstance(text, str) and (rows := self.layouts.take(piece, text, self.number)):
                self.number += rows
                if self.layouts.is_full:
                    yield from self.layouts.taken()
                continue
            message = self._read(piece, text) if isinstance(text, str) else text
            if message:
                yield from self.layouts.taken()
            if isinstance(message, Message):
                yield from self._placed(piece, message)
            elif message:
                self._refuse(piece, message)
            yield from self._given_up(HELD_FRAMES)
        yield from self._given_up(0)
        yield from self.layouts.taken()

    def _pieces(self) -> Iterator[Piece]:
        """Those of the files, which are one stream, or of each stream of each capture."""
        files = self.request.files
        if not files or not is_capture(files[0]):
            yield from read_pieces(files)
            return
        for capture in files:
            try:
                streams = write_streams(capture, self.request.scratch, self.packets)
            except CaptureError as error:
                raise self.request.fault("HJ212_CAPTURE_UNREADABLE", row=1, found=str(error)) from error
            for name, stream in streams.items():
                self.missing += stream.missing
                yield from (piece._replace(part=name) for piece in read_pieces([stream.path]))
                stream.path.unlink()

    def _given_up(self, held: int) -> Iterator[PlacedRow]:
        for lost in self.segments.given_up(held):
            yield from self.layouts.taken()
            self._refuse(*lost)

    def report(self) -> ParseReport:
        """Frames by what became of them; of a capture, what it lacks."""
        counts = {"frames": self.frames, "messages": self.messages + self.layouts.messages}
        other = {
            "other_commands": dict(sorted(self.others.items())),
            "other_packets": dict(sorted(self.packets.items())),
        }
        report = ParseReport({**counts, **other, "repeated_segments": self.segments.repeated})
        if self.missing or self.packets["cut"]:
            values = {"missing": self.missing, "cut": self.packets["cut"]}
            report.add_notice("HJ212_CAPTURE_INCOMPLETE", file=self.request.shown, row=1, **values)
        return report

    def _text(self, piece: Piece) -> str | Reason:
        try:
            return piece.message.decode(self.fmt.encoding)
        except UnicodeDecodeError as error:
            return ("HJ212_TEXT_UNREADABLE", f"{error.start}", self.fmt.encoding)

    def _read(self, piece: Piece, text: str) -> Message | Reason | None:
        """The message of a frame or of its last segment; None if it gives no rows."""
        message = parse_message(text)
        if isinstance(message, Message) and message.segments > 1 and self._is_wanted(message):
            whole = self.segments.add(Segment(piece, message))
            return whole if not isinstance(whole, Message) else self._data(whole)
        if not isinstance(message, Message):
            return message
        data = self._data(message)
        if isinstance(data, Message):
            self.layouts.learn(text, data)
        return data

    def _is_wanted(self, message: Message) -> bool:
        return message.head.get("CN", "") in self.fmt.commands and message.is_data

    def _data(self, message: Message) -> Message | Reason | None:
        if not self._is_wanted(message):
            self.others[message.head.get("CN", "")] += 1
            return None
        return message if message.factors else ("HJ212_NO_FACTOR", "0", "1")

    def _refuse(self, piece: Piece, reason: Reason) -> None:
        self.number += 1
        text = piece.text.decode(self.fmt.encoding, "backslashreplace")
        self.refused.add(piece.part, self.number, _PASSWORD.sub(_hidden, text), reason)

    def _placed(self, piece: Piece, message: Message) -> Iterator[PlacedRow]:
        self.messages += 1
        head = {"offset": f"{piece.offset}", **message.head, **message.values}
        if self.fmt.rows == "messages":
            self.number += 1
            named = {
                f"{factor}-{kind}": value for factor, each in message.factors.items() for kind, value in each.items()
            }
            yield piece.part, self.number, _valued(head | named)
            return
        for factor, values in message.factors.items():
            self.number += 1
            row = {**head, "factor": factor, **{f"factor-{kind}": value for kind, value in values.items()}}
            yield piece.part, self.number, _valued(row)


def _valued(row: dict[str, str]) -> dict[str, str | None]:
    return {name: value or None for name, value in row.items()}


def _hidden(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}***"
