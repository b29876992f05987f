"""Computes the air quality index by the edition in force on the day of the observation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl

from citylake.pipelines.marts.functions.air_quality.aqi_edition import AqiEdition, editions_by_authority
from citylake.pipelines.marts.functions.air_quality.aqi_index import AQI_COLUMNS, add_edition_aqi


def add_aqi_columns(
    lf: pl.LazyFrame,
    report: str,
    columns: Mapping[str, str],
    *,
    day: pl.Expr,
    authority: str = "cn",
    exempt: Collection[str] = (),
    among: Sequence[AqiEdition] | None = None,
) -> pl.LazyFrame:
    """Add the index of ``report`` (``daily``, ``hourly``), by the edition in force on each row's ``day`` (local Date).

    Adds the columns of ``add_edition_aqi``; all are null on a day before the first edition. ``among`` restricts the
    editions if the caller knows the days.
    """
    chosen = tuple(among or editions_by_authority(authority))
    pollutants = list(dict.fromkeys(name for each in chosen for name in each.report(report).pollutants))
    lf = lf.with_columns(day.alias("__day"))
    for number, each in enumerate(chosen):
        lf = add_edition_aqi(lf, each, report, columns, exempt=exempt, prefix=f"__{number}_")
    names = [*(f"iaqi_{pollutant}" for pollutant in pollutants), *AQI_COLUMNS]
    picked = [
        pl.coalesce(
            *(
                pl.when(is_edition_in_force(each)).then(pl.col(f"__{number}_{name}"))
                for number, each in enumerate(chosen)
            )
        )
        for name in names
    ]
    lf = lf.with_columns(value.alias(name) for name, value in zip(names, picked, strict=True))
    made = [f"__{number}_{name}" for number in range(len(chosen)) for name in names]
    return lf.drop("__day", *made)


def is_edition_in_force(edition: AqiEdition) -> pl.Expr:
    """Return a Boolean: whether the Date column ``__day`` is within the edition's validity."""
    since, until = edition.valid_from or date.min, edition.valid_to or date.max
    return (pl.col("__day") >= since) & (pl.col("__day") < until)


def editions_in_period(first: date, last: date, authority: str = "cn") -> tuple[AqiEdition, ...]:
    """Return the editions in force on any day from ``first`` to ``last``, both inclusive."""
    return tuple(
        each
        for each in editions_by_authority(authority)
        if (each.valid_from or date.min) <= last and first < (each.valid_to or date.max)
    )
