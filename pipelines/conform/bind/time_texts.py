"""Texts of times as instants or local times, by a format of the contract.

polars rejects some correct formats, and returns years that Python cannot hold. Both are handled here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

import polars as pl

from citylake.pipelines.conform.bind.elementwise import UTC_DATETIME, map_elementwise
from citylake.schemas.notation.time_format import EPOCH_TICKS, expand_format, format_tokens, has_offset

_NAIVE_DATETIME = pl.Datetime("us")
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001 (local times)
# Every zone's offset lies between -16 h (local mean times) and +15 h, so these instants have local years in 1 … 9999.
_FIRST_INSTANT, _LAST_INSTANT = datetime(1, 1, 1, 16, tzinfo=UTC), datetime(9999, 12, 31, 8, tzinfo=UTC)
_REGEX_SIGNS = re.compile(r"[.^$*+?()\[\]{}|\\]")
_NO_TIME = (0.0, -1.0)
_SECONDS_NOW = (630_720_000, 4_102_444_800)
"""Seconds since 1970 from 1990 to 2100."""


def epoch_instants(text: pl.Expr, form: str) -> pl.Expr:
    """Ticks since 1970-01-01 as instants; null for 0 and -1 (no time), and for ticks of another size.

    Ticks of another size are recognised by the year: seconds that are read as milliseconds are in January 1970.
    """
    number = text.cast(pl.Float64, strict=False)
    wrong = number.is_in(_NO_TIME)
    for coarser in EPOCH_TICKS.values():
        if coarser > EPOCH_TICKS[form]:
            in_second = 1_000_000 // coarser
            wrong |= number.is_between(_SECONDS_NOW[0] * in_second, _SECONDS_NOW[1] * in_second)
    ticks = pl.when(~wrong).then(number * EPOCH_TICKS[form])
    return keep_python_years(ticks.round().cast(pl.Int64, strict=False).cast(UTC_DATETIME))


def is_epoch_number(text: pl.Expr) -> pl.Expr:
    """Whether the text is a number, so that only its size can be wrong."""
    return text.cast(pl.Float64, strict=False).is_not_null()


def keep_python_years(moment: pl.Expr) -> pl.Expr:
    """Instants whose year is 1 … 9999 in every zone; others are null."""
    return pl.when(moment.is_between(_FIRST_INSTANT, _LAST_INSTANT)).then(moment)


def keep_local_years(local: pl.Expr) -> pl.Expr:
    """Local times whose year is 1 … 9999; others are null."""
    return pl.when(local.is_between(_FIRST, _LAST)).then(local)


def parse_offset_times(text: pl.Expr, form: str) -> pl.Expr:
    """Times with their offset from UTC (``+08:00``, ``+0800``, ``Z``) as instants."""
    text = text.str.replace(r"[Zz]$", "+00:00")
    if "%::z" in form:
        text = text.str.replace(r"([+-]\d\d:\d\d):00$", "${1}")
    return _parse_times(text, re.sub(r"%:+z", "%z", form), UTC_DATETIME)


def parse_local_times(text: pl.Expr, form: str) -> pl.Expr:
    """Times without a zone."""
    return _parse_times(text, form, _NAIVE_DATETIME)


def _parse_times(text: pl.Expr, form: str, dtype: pl.Datetime) -> pl.Expr:
    """Hour 24, used by feeds that label hours by their end, is hour 0 of the next day."""
    form, late = expand_format(form), late_hour_pattern(form)
    text, form = with_minutes(text, form)
    zone = dtype.time_zone

    def work(values: pl.Series) -> pl.Series:
        read = values.str.to_datetime(form, strict=False, time_unit="us", time_zone=zone)
        if late is None or read.null_count() == values.null_count():
            return read
        earlier = values.str.replace(late, "${before}00${after}")
        again = earlier.str.to_datetime(form, strict=False, time_unit="us", time_zone=zone) + timedelta(days=1)
        return read.zip_with(read.is_not_null() | (earlier == values).fill_null(value=True), again)

    parsed = map_elementwise(text, work, dtype)
    if has_offset(form):
        return keep_python_years(parsed)
    return keep_local_years(parsed)


def with_minutes(text: pl.Expr, form: str) -> tuple[pl.Expr, str]:
    """Text and format of an hour with minutes added: polars rejects hours without minutes."""
    form = expand_format(form)
    if re.search("%[-_0]?[HI]", form) and not re.search("%[-_0]?M", form):
        return text + "|00", form + "|%M"
    return text, form


@cache
def late_hour_pattern(form: str) -> str | None:
    """A pattern of the texts of ``form`` whose time is 24:00:00, in the groups ``before`` and ``after`` the 24.

    None if the format has no hour from 0 to 24. Digits that adjoin others have their full width: ``2024030524``.
    """
    return hour_pattern(form, "24")


@cache
def hour_pattern(form: str, hour: str) -> str | None:
    """A pattern of the texts of ``form`` with full hours only, in the groups ``before``, ``hour`` and ``after``.

    None if the format has no hour from 0 to 24.
    """
    tokens = list(format_tokens(form))
    hours = [place for place, token in enumerate(tokens) if token == ("directive", "H")]
    if len(hours) != 1:
        return None
    parts = [_token_pattern(token, tokens[place + 1 : place + 2]) for place, token in enumerate(tokens)]
    before, after = "".join(parts[: hours[0]]), "".join(parts[hours[0] + 1 :])
    return rf"^(?P<before>{before})(?P<hour>{hour})(?P<after>{after}(?:\|00)?)$"


def _token_pattern(token: tuple[str, str], following: list[tuple[str, str]]) -> str:
    kind, text = token
    if kind == "literal":
        return re.sub(r"\s+", r"\\s*", _REGEX_SIGNS.sub(r"\\\g<0>", text))
    adjoins = bool(following) and following[0][0] == "directive"
    match text:
        case "Y" | "G":
            return r"\d{4}"
        case "m" | "d" | "y" | "e":
            return r"\s?\d{2}" if adjoins else r"\s?\d{1,2}"
        case "j":
            return r"\d{3}" if adjoins else r"\d{1,3}"
        case "M" | "S":
            return "00" if adjoins else "00?"
        case ".f" | ".3f" | ".6f" | ".9f":
            return r"(?:\.0+)?"
        case "3f" | "6f" | "9f":
            return "0+"
    return ".*?"
