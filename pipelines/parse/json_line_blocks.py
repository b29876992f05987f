"""JSON lines in blocks: decoded as columns where their records are alike."""

from __future__ import annotations

from io import BufferedReader

import msgspec
import numpy as np

from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.json_blocks import LEAST_BYTES
from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.record_frame import RecordFrame

_DAMAGE = tuple(text.encode() for text in DAMAGED_TEXTS)
_ASCII = 128
_FEED, _RETURN, _OPEN, _CLOSE, _COMMA = b"\n\r{},"


def read_line_block(
    file: BufferedReader, at: int, limit: int, decoder: RecordDecoder
) -> tuple[RecordFrame, int] | None:
    """The records of the whole lines that begin at the byte ``at``, and their bytes; None if they are read one by one.

    Nothing is to be reported about any of these lines, and each of them is one record.
    """
    if decoder.waits():
        return None
    file.seek(at)
    data = decoder.buffer.fill(lambda into: file.readinto(into[:limit]))
    if len(data) < LEAST_BYTES:
        return None
    found = _decode_lines(data, decoder)
    decoder.note(found=found is not None)
    return found


def _decode_lines(data: memoryview, decoder: RecordDecoder) -> tuple[RecordFrame, int] | None:
    chars = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(chars == _FEED)
    if not len(ends) or not _are_records(chars[: ends[-1] + 1], ends) or _is_damaged(data):
        return None
    chars[ends[:-1]] = _COMMA
    try:
        with decoder.buffer.listed(int(ends[-1])) as records:
            found = decoder.decode(records)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (found, int(ends[-1]) + 1) if found is not None and len(found) == len(ends) else None


def _are_records(chars: np.ndarray, ends: np.ndarray) -> bool:
    """Whether each line ends with a brace, and begins with one.

    Within a record, a brace that ends one value is never followed by one that begins another.
    """
    returns = np.count_nonzero(chars == _RETURN)
    last = ends - 1
    if returns:
        if returns != len(ends) or (chars[last] != _RETURN).any():
            return False
        last = last - 1
    return bool(chars[0] == _OPEN and (chars[last] == _CLOSE).all() and (chars[ends[:-1] + 1] == _OPEN).all())


def _is_damaged(data: memoryview) -> bool:
    if np.frombuffer(data, np.uint8).max() < _ASCII:
        return False
    text = bytes(data)
    return any(damage in text for damage in _DAMAGE)
