"""Runs every test of a series in bounded memory: sensors are read in groups of a bounded number of values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl
import polars.selectors as cs

from citylake.quality.sensors.impossible_pair import find_impossible_pairs
from citylake.quality.sensors.network_tests import NetworkTests
from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, SPANS, order_series, select_steps
from citylake.quality.sensors.stuck_value import find_stuck
from citylake.quality.sensors.value_jump import find_jumps
from citylake.quality.sensors.zero_for_missing import (
    ZeroProfile,
    find_zero_rows,
    find_zero_values,
    is_zero_row,
    zero_facts,
    zero_profile,
)
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.read.sensor_series_plan import SeriesPlan

VALUES_AT_ONCE = 24_000_000
"""Values in memory: 200 MB, and a few times as much while they are judged."""


def find_faults(
    rows: pl.LazyFrame, plan: SeriesPlan, places: pl.DataFrame | None = None, at_once: int = VALUES_AT_ONCE
) -> pl.DataFrame:
    """Return the spans (:data:`SPANS`) in which rows of the batch are faulty.

    ``rows``: ENTITY (UInt32 from 0), AT (Datetime, UTC), FRESH, and the plan's columns under their names, in any order.
    ``places``: ENTITY with its coordinates (``sibling_distance``), if the rows do not have them.
    """
    rows = rows.select(ENTITY, AT, FRESH, cs.by_name(*plan.numbers, *plan.groups))
    most = max(at_once // (len(plan.columns) + 2), 1)
    # An ordinary batch is read once; a long one several times, a group of sensors at a time.
    first_rows = rows.head(most + 1).collect(engine="streaming")
    rows = rows if first_rows.height > most else first_rows.lazy()
    facts = zero_facts(plan.values) if plan.tests.zero else []
    sizes = rows.group_by(ENTITY).agg(pl.len(), *facts, until=pl.col(AT).max()).collect(engine="streaming")
    until = sizes["until"].max()
    if not isinstance(until, datetime):
        return pl.DataFrame(schema=SPANS)
    zeros = zero_profile(rows, sizes, plan.values, plan.tests.zero) if plan.tests.zero else ZeroProfile()
    network, found = NetworkTests(plan, places), [pl.DataFrame(schema=SPANS)]
    for first, last in _groups(sizes, most):
        chosen = rows.filter(pl.col(ENTITY).is_between(first, last))
        series = _ordered(chosen.collect(engine="streaming"), plan).lazy()
        # A row that is missing has no values that could be stuck, jump or differ.
        measured = series.filter(~is_zero_row(plan.values, zeros))
        found += pl.collect_all(list(_row_tests(series, plan, zeros)))
        for column in plan.values:
            found += _column_tests(measured, column, plan, zeros, until)
        network.add(series, measured)
    found += network.judge()
    return pl.concat(found).sort("code", ENTITY, "column", "first_at", "last_at")


def _ordered(rows: pl.DataFrame, plan: SeriesPlan) -> pl.DataFrame:
    """The rows by sensor and time; of two rows of one key, the batch's."""
    if not plan.keyed:
        return order_series(rows, (*plan.values, FRESH))
    ordered = order_series(rows)
    if rows[FRESH].all():
        return ordered
    again = (pl.col(ENTITY) == pl.col(ENTITY).shift(-1)) & (pl.col(AT) == pl.col(AT).shift(-1))
    return ordered.filter(~again.fill_null(value=False))


def _groups(sizes: pl.DataFrame, most: int) -> Iterator[tuple[int, int]]:
    """First and last sensor of groups with about ``most`` rows; a sensor with more is a group alone."""
    number = ((pl.col("len").cum_sum() - 1) // most).alias("_group")
    bounds = sizes.sort(ENTITY).group_by(number).agg(pl.col(ENTITY).min().alias("a"), pl.col(ENTITY).max().alias("b"))
    yield from bounds.sort("_group").select("a", "b").iter_rows()


def _row_tests(series: pl.LazyFrame, plan: SeriesPlan, zeros: ZeroProfile) -> Iterator[pl.LazyFrame]:
    if plan.tests.zero:
        yield find_zero_rows(series, plan.values, zeros)
    if plan.tests.pairs:
        for pair in plan.pairs:
            yield find_impossible_pairs(series, pair, plan.tests.pairs)


def _column_tests(
    measured: pl.LazyFrame, column: str, plan: SeriesPlan, zeros: ZeroProfile, until: datetime
) -> Iterator[pl.DataFrame]:
    tests, steps = plan.tests, select_steps(measured, column).collect()
    if tests.stuck:
        yield find_stuck(steps, column, tests.stuck).collect()
    if tests.zero:
        yield find_zero_values(measured, column, zeros).collect()
    if tests.jump and column not in plan.circular:
        yield find_jumps(steps, column, tests.jump, until, parse_duration(plan.history)).collect()
