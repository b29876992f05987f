"""Dates and times of a column of cells, as ISO 8601 texts: what a cell shows depends on the others of its column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.parse.xlsx.cell_values import LAST_SERIAL, MOMENT, NUMBER, moment_of

_SERIAL = r"^\d+(\.\d+)?$"
_TIMES_ONLY = {False: "1899-12-31 ", True: "1904-01-01 "}
"""A time of day is stored as a moment on the day before the first one, in the date systems of 1900 and 1904."""
_NEAR = pl.duration(days=3653)
_FIRST_PLAUSIBLE = pl.datetime(1930, 1, 1)
"""Earlier dates are mostly small numbers that were formatted as dates."""


@dataclass(frozen=True, slots=True)
class MomentColumn:
    """A column ``c<number>`` with its kinds ``k<number>``; ``timed``: a cell's number format shows a time of day."""

    number: int
    timed: bool
    epoch_1904: bool

    @property
    def _text(self) -> pl.Expr:
        return pl.col(f"c{self.number}")

    @property
    def _kind(self) -> pl.Expr:
        return pl.col(f"k{self.number}").fill_null(0)

    @property
    def _dated(self) -> pl.Expr:
        return self._kind == MOMENT

    @property
    def _known(self) -> pl.Expr:
        return self._text.filter(self._dated).str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)

    def _serial(self, least: pl.Expr, most: pl.Expr) -> pl.Expr:
        """The moment of a number within ten years of the dates; null of every other cell."""
        number = self._text.cast(pl.Float64, strict=False)
        # Also a text of digits: somebody has typed it among dates.
        serial = self._kind.is_in([0, NUMBER]) & self._text.str.contains(_SERIAL) & number.is_between(1, LAST_SERIAL)
        at = moment_of(pl.when(serial).then(number), epoch_1904=self.epoch_1904).dt.round("1s")
        return pl.when(at.is_between(least - _NEAR, most + _NEAR)).then(at.dt.strftime("%Y-%m-%d %H:%M:%S"))

    def bounds(self) -> list[pl.Expr]:
        """The first and the last date, and the number of dates."""
        name = self.number
        return [
            self._known.min().alias(f"least{name}"),
            self._known.max().alias(f"most{name}"),
            self._dated.sum().alias(f"dates{name}"),
        ]

    def facts(self, bounds: pl.DataFrame) -> list[pl.Expr]:
        """Whether every moment is at midnight, with the numbers and without; and the numbers near the dates."""
        serial = self._serial(*self._limits(bounds))
        return [
            self._midnights(self._text, self._dated).alias(f"whole{self.number}"),
            self._midnights(serial, serial.is_not_null()).alias(f"even{self.number}"),
            serial.is_not_null().sum().alias(f"near{self.number}"),
            pl.col("_row").filter(serial.is_not_null()).first().alias(f"first{self.number}"),
            self._text.filter(serial.is_not_null()).first().alias(f"text{self.number}"),
        ]

    def serials(self, bounds: pl.DataFrame, facts: pl.DataFrame) -> int:
        """How many numbers are moments without their format: they must not be more than the dates."""
        least, near = bounds[f"least{self.number}"][0], int(facts[f"near{self.number}"][0])
        plausible = least is not None and bool(pl.select(pl.lit(least) >= _FIRST_PLAUSIBLE).item())
        return near if plausible and near <= int(bounds[f"dates{self.number}"][0]) else 0

    def shown(self, bounds: pl.DataFrame, facts: pl.DataFrame) -> pl.Expr:
        """The column's texts: without a time if no moment has one, without a date where it is only a time of day."""
        serials = self.serials(bounds, facts)
        text = pl.coalesce(self._serial(*self._limits(bounds)), self._text) if serials else self._text
        moment = self._dated | (text != self._text) if serials else self._dated
        clock = moment & text.str.starts_with(_TIMES_ONLY[self.epoch_1904])
        even = bool(facts[f"whole{self.number}"][0]) and (not serials or bool(facts[f"even{self.number}"][0]))
        dates = text.str.slice(0, 10) if even and not self.timed else text
        time = text.str.slice(len(_TIMES_ONLY[False]))
        return pl.when(clock).then(time).when(moment).then(dates).otherwise(text).alias(f"c{self.number}")

    def _limits(self, bounds: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
        least, most = (bounds[f"{end}{self.number}"][0] for end in ("least", "most"))
        return pl.lit(least, pl.Datetime("us")), pl.lit(most, pl.Datetime("us"))

    def _midnights(self, text: pl.Expr, moment: pl.Expr) -> pl.Expr:
        clock = text.str.starts_with(_TIMES_ONLY[self.epoch_1904])
        return text.filter(moment & ~clock).str.ends_with(" 00:00:00").all()


@dataclass(frozen=True, slots=True)
class SerialNote:
    """Numbers that are read as dates: how many, and the first one's row (from 1), column and text."""

    cells: int
    row: int
    column: int
    text: str


def show_moments(frame: pl.LazyFrame, columns: Collection[MomentColumn]) -> tuple[pl.LazyFrame, Sequence[SerialNote]]:
    """``frame`` with the dates of ``columns`` as they are shown, and the numbers that were read as dates."""
    if not columns:
        return frame, []
    bounds = frame.select(each for column in columns for each in column.bounds()).collect(engine="streaming")
    facts = frame.select(each for column in columns for each in column.facts(bounds)).collect(engine="streaming")
    notes = [
        SerialNote(serials, facts[f"first{each.number}"][0], each.number, facts[f"text{each.number}"][0])
        for each in columns
        if (serials := each.serials(bounds, facts))
    ]
    return frame.with_columns(column.shown(bounds, facts) for column in columns), notes
