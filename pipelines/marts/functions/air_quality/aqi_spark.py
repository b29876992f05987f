"""The air-quality index as Spark SQL, made from the same editions as DuckDB's functions."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.marts.functions.air_quality.aqi_edition import (
    POLLUTANT_NAMES,
    AqiEdition,
    AqiIndicator,
    AqiReport,
    editions_by_authority,
)
from citylake.pipelines.marts.functions.air_quality.breakpoint_steps import BreakpointStep, breakpoint_steps
from citylake.pipelines.marts.functions.spark_text import named, spark_let, spark_literal

HOURLY_INDICATORS = ("so2_1h", "no2_1h", "co_1h", "o3_1h", "pm10_1h", "pm25_1h")
DAILY_INDICATORS = ("so2_24h", "no2_24h", "co_24h", "o3_8h", "pm10_24h", "pm25_24h", "o3_1h")
_LARGEST_COUNT = "9.2e18D"


def aqi_hourly_spark(observed_at: str, *values: str) -> str:
    """The struct of ``aqi_hourly``; the day of an hour is that of the session's zone, the workspace's."""
    return _by_edition("hourly", f"CAST({observed_at} AS DATE)", dict(zip(HOURLY_INDICATORS, values, strict=True)))


def aqi_daily_spark(day: str, *values: str) -> str:
    """The struct of ``aqi_daily``, with or without one-hour ozone."""
    given = dict(zip(DAILY_INDICATORS, values, strict=False))
    return _by_edition("daily", day, dict.fromkeys(DAILY_INDICATORS, "CAST(NULL AS DOUBLE)") | given)


def _by_edition(report: str, day: str, values: dict[str, str]) -> str:
    cases = []
    for edition in editions_by_authority("cn"):
        bounds = [f"{day} >= DATE'{edition.valid_from}'"] if edition.valid_from else []
        bounds += [f"{day} < DATE'{edition.valid_to}'"] if edition.valid_to else []
        within = " AND ".join(bounds) or f"{day} IS NOT NULL"
        cases.append(f"WHEN {within} THEN {_edition_index(edition, report, values)}")
    return f"(CASE {' '.join(cases)} END)"


def _edition_index(edition: AqiEdition, report: str, values: dict[str, str]) -> str:
    rules = edition.report(report)
    every = {
        name: edition.indicator(name, report) for names in rules.pollutants.values() for name in names if name in values
    }
    counted = named(
        {name: _whole_units(edition, one, f"CAST({values[name]} AS DOUBLE)") for name, one in every.items()}
    )
    parts = {
        pollutant: _largest([_sub_index(edition, every[name], f"u.{name}") for name in names if name in every])
        for pollutant, names in rules.pollutants.items()
    }
    over = [_beyond(edition, one, f"u.{name}") for name, one in every.items()]
    whole = named(parts | {"beyond": " OR ".join(over)})
    largest = _largest([f"p.{name}" for name in parts])
    made = spark_let("a", _published(edition, rules, list(parts), largest), _result(edition, list(parts), largest))
    return spark_let("u", counted, spark_let("p", whole, made))


def _largest(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"greatest({', '.join(texts)})"


def _whole_units(edition: AqiEdition, indicator: AqiIndicator, value: str) -> str:
    """As ``to_whole_units``: in units of the last decimal place, rounded by the edition's rule."""
    scale = f"{10**indicator.places}D"
    if edition.concentration == "half_even":
        below = f"floor({value} * {scale})"
        middle = f"(({below} + 0.5D) / {scale})"
        up = f"{value} > {middle} OR ({value} = {middle} AND {below} % 2 = 1)"
        made = f"{below} + CASE WHEN {up} THEN 1 ELSE 0 END"
    else:
        near = f"floor({value} * {scale} + 0.5D)"
        made = f"{near} - CASE WHEN {near} / {scale} > {value} THEN 1 ELSE 0 END"
    return f"CASE WHEN {value} >= 0D AND {value} * {scale} < {_LARGEST_COUNT} THEN CAST({made} AS BIGINT) END"


def _sub_index(edition: AqiEdition, indicator: AqiIndicator, units: str) -> str:
    """As ``iaqi_from_units``: interpolated in whole numbers between the breakpoints."""
    ladder = breakpoint_steps(edition, indicator)
    steps = [f"WHEN {units} <= {rung.high} THEN {_interpolated(edition, rung, units)}" for rung in ladder]
    above = "CAST(NULL AS BIGINT)" if indicator.above == "none" else f"{indicator.above}L"
    if indicator.above == "extrapolate":
        above = _interpolated(edition, ladder[-1], units)
    return f"CASE WHEN {units} >= {ladder[0].low} THEN CASE {' '.join(steps)} ELSE {above} END END"


def _interpolated(edition: AqiEdition, rung: BreakpointStep, units: str) -> str:
    rise, run = f"({units} - {rung.low}) * {rung.index_high - rung.index_low}", rung.high - rung.low
    if edition.rounding == "up":
        return f"({rise} + {run - 1}) DIV {run} + {rung.index_low}"
    return f"({rise} * 2 + {run}) DIV {2 * run} + {rung.index_low}"


def _beyond(edition: AqiEdition, indicator: AqiIndicator, units: str) -> str:
    last = breakpoint_steps(edition, indicator)[-1]
    return f"coalesce({units} > {last.high}, false)" if last.index_high == edition.top else "false"


def _published(edition: AqiEdition, rules: AqiReport, parts: Sequence[str], largest: str) -> str:
    index = f"CASE WHEN {largest} < {edition.lowest} THEN {edition.lowest}L ELSE {largest} END"
    if rules.missing == "publish":
        return index
    complete = " AND ".join(f"p.{name} IS NOT NULL" for name in parts)
    return f"CASE WHEN {largest} > 100 OR ({complete}) THEN {index} END"


def _result(edition: AqiEdition, parts: Sequence[str], largest: str) -> str:
    classes = [f"WHEN a <= {one.upto} THEN {spark_literal(one.name.zh)}" for one in edition.classes[:-1]]
    named_class = (
        f"CASE WHEN a IS NULL THEN NULL {' '.join(classes)} ELSE {spark_literal(edition.classes[-1].name.zh)} END"
    )
    shown = [name for name in POLLUTANT_NAMES if name in parts]
    primary = [f"CASE WHEN p.{name} = {largest} THEN {spark_literal(POLLUTANT_NAMES[name])} END" for name in shown]
    joined = f"concat_ws(',', {', '.join(primary)})"
    return named(
        {
            "aqi": "CAST(a AS INT)",
            "edition": f"CASE WHEN a IS NOT NULL THEN {spark_literal(edition.id)} END",
            "class": named_class,
            "primary_pollutants": f"CASE WHEN a >= {edition.primary_from} THEN {joined} END",
            "beyond_index": "(a IS NOT NULL AND p.beyond)",
        }
    )
