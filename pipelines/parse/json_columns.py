"""A list of JSON records decoded as columns, each value with its source text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import UNSET, Raw, Struct
from msgspec.structs import astuple

from citylake.pipelines.parse.json_shape import OBJECT, TEXT, Member, RecordShape, UnlikeRecordsError
from citylake.pipelines.parse.list_buffer import ListBuffer
from citylake.pipelines.parse.record_frame import RecordFrame

_QUOTE, _COLON = b'":'
_GENERAL = msgspec.json.Decoder(list[dict[str, Any]], float_hook=lambda _: 0.0)
"""Any records; a float is only known to be one, since it may be out of range."""
_NAME_END = re.compile(rb'"[ \t\r\n]*:')
_LONGEST_WAIT = 10


class RecordDecoder:
    """Decodes lists of records with the members of the lists before; learns others as they come."""

    def __init__(self) -> None:
        self._shape: RecordShape | None = None
        self._decoder: msgspec.json.Decoder[list[Struct]] | None = None
        self._wait = self._failures = 0
        self.buffer = ListBuffer()

    def waits(self) -> bool:
        """Whether the next record is to be read alone; each call is for another record."""
        self._wait = max(self._wait - 1, 0)
        return self._wait > 0

    def note(self, *, found: bool) -> None:
        """Note whether a list could be decoded; after each that could not, more records are read alone."""
        self._failures = 0 if found else min(self._failures + 1, _LONGEST_WAIT)
        self._wait = 0 if found else 1000 * 4**self._failures

    def decode(self, records: bytes | memoryview) -> RecordFrame | None:
        """The records of a JSON list; None if they must be read one by one.

        Raises msgspec.DecodeError if this is no list of objects, or has what only Python's decoder accepts: NaN, half
        surrogates, control characters, bytes that are not UTF-8.
        """
        try:
            return self._decode_known(records) or self._decode_learned(_GENERAL.decode(records), records)
        except (UnlikeRecordsError, RecursionError):
            self._forget()
            return None

    def _forget(self) -> None:
        # A shape that is kept has no column that did not come with records: the order of columns is theirs.
        self._decoder = self._shape = None

    def _decode_known(self, records: bytes | memoryview) -> RecordFrame | None:
        if not self._decoder or not self._shape:
            return None
        try:
            return _frame_of(self._shape, self._decoder.decode(records), records)
        except (msgspec.ValidationError, _OtherKindError):
            return None

    def _decode_learned(self, found: Sequence[Mapping[str, Any]], records: bytes | memoryview) -> RecordFrame | None:
        shape = self._shape or RecordShape()
        self._forget()
        shape.learn(found)
        decoder = shape.decoder()
        try:
            made = _frame_of(shape, decoder.decode(records), records)
        except _OtherKindError:
            return None
        self._shape, self._decoder = shape, decoder
        return made


class _OtherKindError(Exception):
    """A column has a value of a kind that it did not have."""


class _RepeatedError(UnlikeRecordsError):
    """A member may be there twice."""


def _frame_of(shape: RecordShape, rows: Sequence[Struct], records: bytes | memoryview) -> RecordFrame:
    made = _Columns()
    made.add_object(shape.root, rows, "")
    # The decoder takes the last of two members of one name; there is a colon for each of them.
    if not made.series or _count_members(records) != made.filled + made.objects:
        raise _RepeatedError
    return RecordFrame(
        pl.DataFrame({name: made.series[name] for name in shape.columns if name in made.series}), made.filled
    )


def _count_members(records: bytes | memoryview) -> int:
    """Quotes before a colon: one for each member, and more if a text within begins with a colon or has such a quote."""
    data = np.frombuffer(records, np.uint8)
    before = data[np.flatnonzero(data == _COLON) - 1]
    if (before <= ord(" ")).any():
        return len(_NAME_END.findall(records))
    return int(np.count_nonzero(before == _QUOTE))


class _Columns:
    """The columns of a list of records by their dotted names."""

    def __init__(self) -> None:
        self.series: dict[str, pl.Series] = {}
        self.filled = self.objects = 0

    def add_object(self, shape: Member, rows: Sequence[Struct], prefix: str) -> None:
        columns = list(zip(*map(astuple, rows), strict=True))
        for (name, member), values in zip(shape.members.items(), columns, strict=bool(columns)):
            path = f"{prefix}{name}"
            if member.kinds == OBJECT:
                self._add_nested(member, values, f"{path}.")
            else:
                self._add_leaf(path, *(_text_column if member.text else _raw_column)(member, values))

    def _add_nested(self, member: Member, values: Sequence[Any], prefix: str) -> None:
        absent = values.count(UNSET)
        self.objects += len(values) - absent
        if absent < len(values):
            blank = next(type(value) for value in values if value is not UNSET)
            self.add_object(
                member, [blank() if value is UNSET else value for value in values] if absent else values, prefix
            )

    def _add_leaf(self, path: str, column: pl.Series, present: int) -> None:
        self.filled += present
        if present:
            self.series[path] = column


def _text_column(member: Member, values: Sequence[Any]) -> tuple[pl.Series, int]:
    absent = values.count(UNSET) if member.optional else 0
    texts = [None if value is UNSET else value for value in values] if absent else list(values)
    return pl.Series(texts, dtype=pl.String()), len(values) - absent


def _raw_column(member: Member, values: Sequence[Raw]) -> tuple[pl.Series, int]:
    """Numbers, ``true`` and ``false`` as they were written; texts too if the column has had any."""
    listed = msgspec.json.encode(values)
    if b'"' in listed or b"{" in listed or b"[" in listed[1:]:
        return _mixed_column(member, values)
    # Without texts, lists and objects, there is a comma between two values and nowhere else.
    texts: Sequence[str | None] = listed[1:-1].decode("ascii").split(",")
    absent = texts.count("") if member.optional else 0
    if absent or b"n" in listed:
        texts = [None if text in ("null", "") else text for text in texts]
    return pl.Series(texts, dtype=pl.String()), len(values) - absent


def _mixed_column(member: Member, values: Sequence[Raw]) -> tuple[pl.Series, int]:
    texts = list(map(bytes, values))
    if not member.kinds & TEXT or any(text[:1] in (b"[", b"{") for text in texts):
        raise _OtherKindError
    return pl.Series(map(_leaf_text, texts), dtype=pl.String()), len(texts) - texts.count(b"")


def _leaf_text(value: bytes) -> str | None:
    if value[:1] == b'"':
        return msgspec.json.decode(value, type=str)
    return None if value in (b"", b"null") else value.decode()
