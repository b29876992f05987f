"""The air quality index (AQI) of a station and period: the largest sub-index, its class and primary pollutants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from citylake.pipelines.marts.functions.air_quality.aqi_edition import POLLUTANT_NAMES, AqiEdition, AqiReport
from citylake.pipelines.marts.functions.air_quality.sub_index import iaqi_from_units, is_beyond_scale, to_whole_units

AQI_COLUMNS = ("aqi", "aqi_edition", "aqi_class", "primary_pollutants", "beyond_index")


def add_edition_aqi(
    lf: pl.LazyFrame,
    edition: AqiEdition,
    report: str,
    columns: Mapping[str, str],
    *,
    exempt: Collection[str] = (),
    prefix: str = "",
) -> pl.LazyFrame:
    """Add the index of one edition. ``columns``: indicator (``pm25_24h``) → Float64 column in the indicator's unit.

    Adds ``iaqi_<pollutant>`` and ``aqi`` (Int32; null is the standard's NA), ``aqi_edition``, ``aqi_class`` (Chinese),
    ``primary_pollutants`` (joined by ``,``; null if there is none) and ``beyond_index``, each with ``prefix``.
    ``exempt``: pollutants that the station is not planned to measure (HJ 633-2026, 5.3.2).
    """
    rules = edition.report(report)
    every = {
        name: edition.indicator(name, report)
        for names in rules.pollutants.values()
        for name in names
        if name in columns
    }
    counted = {name: pl.col(f"{prefix}__{name}") for name in every}
    lf = lf.with_columns(
        to_whole_units(edition, indicator, pl.col(columns[name])).alias(f"{prefix}__{name}")
        for name, indicator in every.items()
    )
    index = {name: iaqi_from_units(edition, indicator, counted[name]) for name, indicator in every.items()}
    over = [is_beyond_scale(edition, indicator, counted[name]) for name, indicator in every.items()]
    lf = lf.with_columns(
        *(
            _largest_sub_index(names, index).alias(f"{prefix}iaqi_{pollutant}")
            for pollutant, names in rules.pollutants.items()
        ),
        pl.any_horizontal(pl.lit(value=False), *over).alias(f"{prefix}beyond_index"),
    ).drop(f"{prefix}__{name}" for name in every)
    parts = {pollutant: pl.col(f"{prefix}iaqi_{pollutant}") for pollutant in rules.pollutants}
    lf = lf.with_columns(_published_index(edition, rules, parts, exempt).alias(f"{prefix}aqi"))
    return lf.with_columns(_class_and_primary(edition, parts, prefix))


def _largest_sub_index(names: Iterable[str], index: Mapping[str, pl.Expr]) -> pl.Expr:
    none = pl.lit(None, dtype=pl.Int64)
    return pl.max_horizontal(none, *(index[name] for name in names if name in index)).cast(pl.Int32)


def _published_index(
    edition: AqiEdition, rules: AqiReport, parts: Mapping[str, pl.Expr], exempt: Collection[str]
) -> pl.Expr:
    largest = pl.max_horizontal(*parts.values())
    index = pl.when(largest < edition.lowest).then(edition.lowest).otherwise(largest).cast(pl.Int32)
    if rules.missing == "publish":
        return index
    needed = [part.is_not_null() for pollutant, part in parts.items() if pollutant not in exempt]
    return pl.when((index > 100) | pl.all_horizontal(pl.lit(value=True), *needed)).then(index)


def _class_and_primary(edition: AqiEdition, parts: Mapping[str, pl.Expr], prefix: str) -> list[pl.Expr]:
    aqi = pl.col(f"{prefix}aqi")
    named = pl.lit(edition.classes[-1].name.zh)
    for entry in reversed(edition.classes[:-1]):
        named = pl.when(aqi <= entry.upto).then(pl.lit(entry.name.zh)).otherwise(named)
    largest = pl.max_horizontal(*parts.values())
    primary = pl.concat_str(
        [
            pl.when(parts[name] == largest).then(pl.lit(POLLUTANT_NAMES[name]))
            for name in POLLUTANT_NAMES
            if name in parts
        ],
        separator=",",
        ignore_nulls=True,
    )
    words = {
        "aqi_edition": pl.when(aqi.is_not_null()).then(pl.lit(edition.id)),
        "aqi_class": pl.when(aqi.is_not_null()).then(named),
        "primary_pollutants": pl.when(aqi >= edition.primary_from).then(primary),
        "beyond_index": aqi.is_not_null() & pl.col(f"{prefix}beyond_index"),
    }
    return [value.alias(f"{prefix}{name}") for name, value in words.items()]
