"""Values of the week as expressions over its copies: another dataset, earlier days, ids of their own.

The frame of copies has a row for each dataset and week: ``number`` (of the dataset), ``dataset``, ``fingerprint``,
``week`` (from 1) and ``back`` (days before the real week).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from citylake.pipelines.lake.receipt_number import receipt_number

_TOKEN = re.compile(
    r"(\d{8}T\d{12}Z(?:-[0-9a-f]{8})?|\d{8}T\d{6}-[0-9a-f]{6}|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{20}\b"
    r"|\bd001\b|\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d)"
)
_DAY = timedelta(days=1) // timedelta(microseconds=1)
A_DATASET = 1_000_000
"""Numbers of the lake's clock that a dataset has in a day of the year."""


@dataclass(frozen=True, slots=True)
class CopiedValues:
    """How the values of one day's rows are copied. ``ago``: days between the row's day and the end of the week."""

    lakes: tuple[str, str]
    """The folder of the week's lake, and the one of the year's."""
    numbers: list[int]
    """All numbers of the week's rows and receipts, in order."""
    fingerprint: str
    today: date
    ago: int

    @property
    def back(self) -> pl.Expr:
        """Days from the time at which the row was really recorded to the one that the copy states."""
        return pl.col("back").cast(pl.Int64) + self.ago

    def sequence(self, number: int) -> pl.Expr:
        """The copy's number of the lake's clock: by day, dataset, and place in the week."""
        midnight = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
        place = int(midnight.timestamp()) * 1_000_000 + bisect_left(self.numbers, number)
        return pl.lit(place, pl.Int64) - self.back * _DAY + pl.col("number") * A_DATASET

    def value(self, value: Any, dtype: pl.DataType, *, renewed: bool = False) -> pl.Expr:
        """The copy's value. ``renewed``: digests of bytes differ from copy to copy."""
        if value is None:
            return pl.lit(None, dtype)
        if isinstance(value, str):
            return self._text(value, renewed=renewed)
        if isinstance(value, datetime):
            return pl.lit(value).cast(dtype) - pl.duration(days=self.back)
        if isinstance(value, date):
            return pl.lit(value) - pl.duration(days=pl.col("back"))
        if isinstance(value, list) and isinstance(dtype, pl.List) and value and not isinstance(value[0], dict):
            parts = [self.value(each, dtype.inner, renewed=renewed) for each in value]  # type: ignore[arg-type]
            return pl.concat_list(parts).cast(dtype)
        return pl.lit(pl.Series([value], dtype=dtype)).first()

    def _text(self, text: str, *, renewed: bool) -> pl.Expr:
        parts = list(self._parts(text.replace(*self.lakes), renewed=renewed))
        return parts[0] if len(parts) == 1 else pl.concat_str(parts)

    def _parts(self, text: str, *, renewed: bool) -> Iterator[pl.Expr]:
        for part in _TOKEN.split(text):
            if part or not text:
                yield self._token(part, renewed=renewed) if _TOKEN.fullmatch(part) else pl.lit(part)

    def _token(self, token: str, *, renewed: bool) -> pl.Expr:
        if token == "d001":
            return pl.col("dataset").str.slice(len("detector."))
        if token == self.fingerprint:
            return pl.col("fingerprint")
        if "T" in token and "Z" in token:
            at = pl.from_epoch(self.sequence(receipt_number(token)), time_unit="us")
            return pl.concat_str(at.dt.strftime("%Y%m%dT%H%M%S%6fZ"), pl.lit(token[len("20260101T000000000000Z") :]))
        if "T" in token:
            day = pl.lit(date.fromisoformat(token[:8])) - pl.duration(days=self.back)
            return pl.concat_str(day.dt.strftime("%Y%m%d"), pl.lit(token[8:]))
        if "/" in token:
            return self._day(date.fromisoformat(token.replace("/", "-")), self.back, "%Y/%m/%d")
        if "-" in token:
            return self._day(date.fromisoformat(token), pl.col("back"), "%Y-%m-%d")
        if len(token) == 64 and not renewed:
            return pl.lit(token)
        return pl.concat_str(pl.col("mark"), pl.lit(token[5:]))

    @staticmethod
    def _day(day: date, back: pl.Expr, style: str) -> pl.Expr:
        return (pl.lit(day) - pl.duration(days=back)).dt.strftime(style)
