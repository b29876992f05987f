"""Dates, times and durations of a column of cells, as ISO 8601 texts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_MOMENT = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d"
"""The library writes a blank between date and time; a cell of the type ``d`` has what is in the file, with a ``T``."""
_SERIAL = r"^\d+(\.\d+)?$"
_TIMES_ONLY = {False: "1899-12-31 ", True: "1904-01-01 "}
"""A time of day is stored as a moment on the day before the first one, in the date systems of 1900 and 1904."""
_DAY_ZERO = {False: pl.datetime(1899, 12, 30), True: pl.datetime(1904, 1, 1)}
LAST_SERIAL = 2_958_465
"""9999-12-31 as a serial date."""
_NEAR = pl.duration(days=3653)
_FIRST_PLAUSIBLE = pl.datetime(1930, 1, 1)
"""Earlier dates are mostly small numbers that were formatted as dates."""


def looks_like_moment(cells: pl.Series) -> pl.Series:
    """Whether a text is a date with a time, as the library writes cells that are dates."""
    return cells.str.contains(_MOMENT).fill_null(value=False)


def format_durations(cells: pl.Series, spans: pl.Series) -> pl.Series:
    """Hours may exceed 24: ``25:30:00``."""
    seconds = spans.dt.total_seconds()
    texts = [None if span is None else f"{span // 3600:02d}:{span // 60 % 60:02d}:{span % 60:02d}" for span in seconds]
    return pl.Series(cells.name, texts, dtype=pl.String).fill_null(cells)


def format_moments(
    cells: pl.Series, values: pl.Series, dated: pl.Series, *, timed: bool, epoch_1904: bool
) -> tuple[pl.Series, Sequence[int]]:
    """The column, and the rows whose cell was a plain number among dates.

    ``dated``: the cells that are dates; ``values``: the numbers. A date has no time if no cell of the column shows one
    (``timed``: by its number format) and none is within a day; a time of day has no date. A number in a column with
    at least as many dates is a moment without its format, if it is within ten years of them.
    """
    if not dated.any():
        return cells, []
    cells = cells.zip_with(~dated, cells.str.replace("T", " ", literal=True))
    serials = _serial_dates(cells, values, dated, epoch_1904=epoch_1904)
    moment, cells = dated | serials.is_not_null(), serials.fill_null(cells)
    clock = moment & cells.str.starts_with(_TIMES_ONLY[epoch_1904])
    whole = not timed and bool(cells.filter(moment & ~clock).str.ends_with(" 00:00:00").all())
    dates = cells.str.slice(0, 10) if whole else cells
    frame = pl.DataFrame({"cell": cells, "date": dates, "time": cells.str.slice(len(_TIMES_ONLY[False]))})
    shown = pl.when(clock).then("time").when(moment).then("date").otherwise("cell")
    return frame.select(shown.alias(cells.name)).to_series(), serials.is_not_null().arg_true().to_list()


def _serial_dates(cells: pl.Series, values: pl.Series, dated: pl.Series, *, epoch_1904: bool) -> pl.Series:
    """Texts of the numbers that are serial dates; null elsewhere."""
    number = cells.str.contains(_SERIAL).fill_null(value=False) & values.is_between(1, LAST_SERIAL).fill_null(
        value=False
    )
    frame = pl.DataFrame({"cell": cells, "serial": values.set(~number, None), "date": dated})
    at = _DAY_ZERO[epoch_1904] + pl.duration(seconds=(pl.col("serial") * 86400).round())
    known = pl.col("cell").filter("date").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    near = at.is_between(known.min() - _NEAR, known.max() + _NEAR).fill_null(value=False)
    plausible = (known.min() >= _FIRST_PLAUSIBLE) & (near.sum() <= pl.col("date").sum())
    text = pl.when(near & plausible).then(at.dt.strftime("%Y-%m-%d %H:%M:%S"))
    return frame.select(text.alias(cells.name)).to_series()
