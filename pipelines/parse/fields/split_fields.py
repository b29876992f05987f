"""The call of ``fields.c``: bytes to each column's codes and distinct texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.parse.fields.field_memory import FieldMemory

# Both must agree with fields.c.
_REQUEST = np.dtype(
    [
        ("secret", "<u8", 6),
        *(
            (name, "<u4")
            for name in (
                *("text", "length", "columns", "delimiter", "quote", "has_quote", "carriage", "free"),
                *("rows", "max_rows", "codes", "row_starts", "at_or_after"),
            )
        ),
    ]
)
_COLUMN = np.dtype(
    [(name, "<u4") for name in ("rich", "count", "null", "offsets", "bytes", "slots", "shift", "texts", "room")]
)
_COLLISIONS = 5
_NOT_PLAIN = {2: "row width", 3: "quote in a field", 4: "line ends", _COLLISIONS: "texts that collide"}
_ALIGNMENT = 64
_PADDING = 64
_COLUMN_BYTES = 8 << 10
"""Bytes for what each column has, however short the text."""
_TEXT_SHARE = 16
"""Bytes for each byte of the text: up to 8 for codes and starts of rows, the others for distinct texts and hashes."""
_LEAST_BYTES = 1 << 18


def _new_secret() -> np.ndarray:
    """Random numbers for the hashes, so that nobody can choose texts that collide."""
    return np.frombuffer(os.urandom(_REQUEST["secret"].itemsize), "<u8")


_SECRET = _new_secret()
"""Of this process."""


class NotPlainFieldsError(Exception):
    """The bytes need another reader: ``why``, and all rows before the byte ``at`` are plain."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at


@dataclass(frozen=True, slots=True)
class FieldDialect:
    """Single bytes; ``quote`` is empty if there is none. ``carriage``: lines end with CR LF."""

    delimiter: bytes
    quote: bytes = b'"'
    carriage: bool = False


@dataclass(frozen=True, slots=True)
class SplitFields:
    """``columns``: distinct texts (binary), and codes; ``row_starts``: the first byte of each row (uint32).

    ``row_starts`` is valid until the memory is used again.
    """

    columns: Sequence[EncodedColumn]
    row_starts: np.ndarray


class FieldSplitter:
    """Splits one text after another in the same memory; used by one thread."""

    def __init__(self, memory: FieldMemory) -> None:
        self._memory = memory
        self._held = np.zeros(0, np.uint8)
        self._text = 0

    def buffer(self, size: int, columns: int) -> memoryview:
        """``size`` bytes to be filled with a text of so many columns; raises MemoryError."""
        self._text = _align(_REQUEST.itemsize + columns * _COLUMN.itemsize)
        whole = self._text + _TEXT_SHARE * size + columns * _COLUMN_BYTES + _LEAST_BYTES
        self._held = self._memory.resize(whole)[:whole]
        return self._held[self._text : self._text + size].data

    def split(self, length: int, dialect: FieldDialect, rich: Sequence[bool]) -> SplitFields:
        """The first ``length`` bytes of the buffer, which end with a line's end; at least two columns.

        ``rich``: by column, whether most texts are distinct, so that equal ones need not have the same code.
        Raises NotPlainFieldsError, and MemoryError if the distinct texts take more memory than there is.
        """
        status = self._call(length, dialect, rich, _SECRET)
        if status == _COLLISIONS:
            # By chance; texts that were chosen to collide do so only for the random numbers that they were chosen for.
            status = self._call(length, dialect, rich, _new_secret())
        request = self._view(0, _REQUEST, 1)
        if status in _NOT_PLAIN:
            raise NotPlainFieldsError(_NOT_PLAIN[status], int(request["at_or_after"][0]))
        if status:
            raise MemoryError
        rows, most, codes, starts = (int(request[name][0]) for name in ("rows", "max_rows", "codes", "row_starts"))
        # Copies, because the next text is split in the same memory.
        places = (codes + 4 * most * column for column in range(len(rich)))
        at = [self._view(place, np.dtype("<i4"), rows).copy() for place in places]
        columns = self._view(_REQUEST.itemsize, _COLUMN, len(rich))
        found = [EncodedColumn(self._texts(column), codes) for column, codes in zip(columns, at, strict=True)]
        return SplitFields(found, self._view(starts, np.dtype("<u4"), rows))

    def _call(self, length: int, dialect: FieldDialect, rich: Sequence[bool], secret: np.ndarray) -> int:
        self._view(_REQUEST.itemsize, _COLUMN, len(rich))["rich"] = rich
        quote = dialect.quote or b"\0"
        self._view(0, _REQUEST, 1)[0] = (
            secret,
            *(self._text, length, len(rich), dialect.delimiter[0], quote[0], bool(dialect.quote), dialect.carriage),
            *(self._text + length + _PADDING, 0, 0, 0, 0, 0),
        )
        return self._memory.split(len(self._held))

    def _texts(self, column: np.void) -> pa.Array:
        count, null = int(column["count"]), int(column["null"])
        offsets = self._view(int(column["offsets"]), np.dtype("<i4"), count + 1)
        data = self._view(int(column["bytes"]), np.dtype(np.uint8), int(offsets[-1]))
        valid = None
        if null < count:
            valid = pa.py_buffer(np.packbits(np.arange(count) != null, bitorder="little"))
        buffers = [valid, pa.py_buffer(offsets.copy()), pa.py_buffer(data.tobytes())]
        return pa.Array.from_buffers(pa.binary(), count, buffers)

    def _view(self, start: int, kind: np.dtype[np.void] | np.dtype[np.generic], count: int) -> np.ndarray:
        return self._held[start : start + count * kind.itemsize].view(kind)


def _align(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT
