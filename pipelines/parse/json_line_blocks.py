"""JSON lines in blocks: decoded as columns where their records are alike."""

from __future__ import annotations

from typing import IO

import msgspec

from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.json_blocks import LEAST_BYTES
from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.record_frame import RecordFrame

_DAMAGE = tuple(text.encode() for text in DAMAGED_TEXTS)


def read_line_block(file: IO[bytes], at: int, limit: int, decoder: RecordDecoder) -> tuple[RecordFrame, int] | None:
    """The records of the whole lines that begin at the byte ``at``, and their bytes; None if they are read one by one.

    Nothing is to be reported about any of these lines, and each of them is one record.
    """
    if decoder.waits():
        return None
    file.seek(at)
    data = file.read(min(decoder.buffer.size, limit))
    data = data[: data.rfind(b"\n") + 1]
    if len(data) < LEAST_BYTES:
        return None
    found = _decode_lines(data, decoder)
    decoder.note(found=found is not None)
    return None if found is None else (found, len(data))


def _decode_lines(data: bytes, decoder: RecordDecoder) -> RecordFrame | None:
    end = b"\r\n" if data.endswith(b"\r\n") else b"\n"
    lines = data.count(b"\n")
    # Within a record, a brace that ends one value is never followed by one that begins another.
    between = b"}%b{" % end
    if not data.startswith(b"{") or data.count(between) != lines - 1 or data.count(b"\r") != lines * (len(end) - 1):
        return None
    if not data.isascii() and any(damage in data for damage in _DAMAGE):
        return None
    try:
        found = decoder.decode(b"[%b]" % data.replace(between, b"},{"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found is not None and len(found) == lines else None
