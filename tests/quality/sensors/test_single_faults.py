"""Each test finds the fault that was planted, whole and alone, and nothing in a series without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH
from citylake.quality.sensors.sibling_distance import GROUP, LATITUDE, LONGITUDE
from citylake.schemas.model.sensor_rules import SensorTests, SiblingTest, ValuePair
from tests.quality.sensors.conftest import START, written

Judge = Callable[..., list[tuple[Any, ...]]]
PAIR = ValuePair(lesser="pm25", greater="no2")
ZEROS = ValuePair(zero="pm25", then_zero="no2")


def hours_of(first: int, last: int) -> pl.Expr:
    return pl.col(AT).is_between(START + timedelta(hours=first), START + timedelta(hours=last))


def test_a_clean_series_has_no_finding(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(clean, pairs=(PAIR, ZEROS)) == []


def test_a_stuck_value_is_one_span_from_its_first_to_its_last_reading(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(written(clean, 3, 40, 55, pm25=33.25)) == [("SENSOR_STUCK", 3, "pm25", 40, 55, 16)]


def test_an_empty_reading_does_not_end_a_stuck_span(clean: pl.DataFrame, judge: Judge) -> None:
    rows = written(written(clean, 3, 40, 55, pm25=33.25), 3, 47, 47, pm25=None)
    assert judge(rows) == [("SENSOR_STUCK", 3, "pm25", 40, 55, 15)]


def test_a_sensor_of_coarse_resolution_may_repeat_itself(clean: pl.DataFrame, judge: Judge) -> None:
    coarse = clean.with_columns((pl.col("pm25") / 20).round() * 20)
    assert [span for span in judge(coarse) if span[0] == "SENSOR_STUCK"] == []


def test_a_column_that_is_constant_everywhere_is_no_reading(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(clean.with_columns(no2=pl.lit(120.0))) == []


def test_a_jump_is_found_at_the_reading_that_it_leads_to(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(written(clean, 5, 100, 100, no2=900.0)) == [("SENSOR_JUMP", 5, "no2", 100, 100, 1)]


def test_a_step_over_a_long_pause_is_no_jump(clean: pl.DataFrame, judge: Judge) -> None:
    rows = written(written(clean, 5, 90, 99, no2=None), 5, 100, 100, no2=900.0)
    assert judge(rows) == []


def test_a_direction_never_jumps(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(written(clean, 5, 100, 100, no2=900.0), circular=frozenset({"no2"})) == []


def test_zeros_in_all_columns_are_missing_records(clean: pl.DataFrame, judge: Judge) -> None:
    three = clean.with_columns(so2=pl.col("no2") / 2 + 3)
    rows = written(three, 2, 60, 62, pm25=0.0, no2=0.0, so2=0.0)
    assert judge(rows, values=("pm25", "no2", "so2")) == [("ZERO_FOR_MISSING", 2, "*", 60, 62, 3)]


def test_a_fourth_column_that_is_not_zero_does_not_hide_three_zeros(clean: pl.DataFrame, judge: Judge) -> None:
    wide = clean.with_columns(so2=pl.col("no2") / 2 + 3, mean=pl.col("pm25") * 0 + pl.col("no2"))
    rows = written(wide, 2, 60, 62, pm25=0.0, no2=0.0, so2=0.0)
    assert judge(rows, values=("pm25", "no2", "so2", "mean")) == [("ZERO_FOR_MISSING", 2, "*", 60, 62, 3)]


def test_one_column_that_falls_to_zero_from_a_usual_value_is_missing(clean: pl.DataFrame, judge: Judge) -> None:
    found = judge(written(clean, 2, 48, 51, no2=0.0))
    assert ("ZERO_FOR_MISSING", 2, "no2", 48, 51, 4) in found


def test_zero_is_a_measurement_where_every_sensor_has_it(clean: pl.DataFrame, judge: Judge) -> None:
    by_day = pl.col(AT).dt.hour().is_between(7, 18)
    lamps = clean.with_columns(
        pl.when(by_day).then(0.0).otherwise(pl.col(name)).alias(name) for name in ("pm25", "no2")
    )
    assert [span for span in judge(lamps) if span[0] == "ZERO_FOR_MISSING"] == []


def test_zero_is_a_measurement_where_readings_near_it_are_common(clean: pl.DataFrame, judge: Judge) -> None:
    night = pl.col(AT).dt.hour() < 3
    few = clean.with_columns(
        pl.when(night).then(pl.col(name) % 3).otherwise(pl.col(name)).alias(name) for name in ("pm25", "no2")
    )
    rows = written(few, 2, 48, 49, pm25=0.0, no2=0.0)
    assert [span for span in judge(rows) if span[0] == "ZERO_FOR_MISSING"] == []


def test_one_silent_sensor_among_many_is_found_with_the_readings_that_it_owes(
    clean: pl.DataFrame, judge: Judge
) -> None:
    rows = clean.filter(~((pl.col(ENTITY) == 4) & hours_of(50, 69)))
    assert judge(rows) == [("SENSOR_SILENT", 4, "*", 49, 70, 20)]


def test_a_sensor_that_has_stopped_is_silent_up_to_the_last_reading_of_the_others(
    clean: pl.DataFrame, judge: Judge
) -> None:
    rows = clean.filter(~((pl.col(ENTITY) == 4) & hours_of(150, 200)))
    assert judge(rows) == [("SENSOR_SILENT", 4, "*", 149, 167, 17)]


def test_a_row_without_a_value_is_silence(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(written(clean, 4, 50, 69, pm25=None, no2=None)) == [("SENSOR_SILENT", 4, "*", 49, 70, 20)]


def test_a_network_that_is_silent_as_a_whole_is_no_single_sensors_fault(clean: pl.DataFrame, judge: Judge) -> None:
    assert judge(clean.filter(~hours_of(50, 69))) == []


def test_a_part_above_its_whole_is_impossible_beyond_the_tolerance(clean: pl.DataFrame, judge: Judge) -> None:
    whole = clean.with_columns(no2=pl.col("pm25") * 2)
    high = written(whole, 1, 30, 33, no2=5.0)
    found = [span for span in judge(high, pairs=(PAIR,)) if span[0] == "PAIR_IMPOSSIBLE"]
    assert found == [("PAIR_IMPOSSIBLE", 1, "pm25+no2", 30, 33, 4)]
    within = whole.with_columns(no2=pl.col("pm25") * 0.95)
    assert judge(within, pairs=(PAIR,)) == []


def test_an_occupancy_of_zero_with_vehicles_is_impossible(clean: pl.DataFrame, judge: Judge) -> None:
    found = judge(written(clean, 1, 30, 31, pm25=0.0), pairs=(ZEROS,))
    assert ("PAIR_IMPOSSIBLE", 1, "pm25+no2", 30, 31, 2) in found


@pytest.fixture
def places() -> pl.DataFrame:
    """Eight sensors within a few kilometres."""
    rows = {ENTITY: range(8), LONGITUDE: [120.0 + 0.004 * n for n in range(8)], LATITUDE: [30.0] * 8}
    return pl.DataFrame(rows, schema_overrides={ENTITY: pl.UInt32})


def test_a_sensor_that_departs_from_those_near_it_is_found(
    clean: pl.DataFrame, judge: Judge, places: pl.DataFrame
) -> None:
    drifted = clean.with_columns(
        pl.when((pl.col(ENTITY) == 6) & hours_of(80, 91)).then(pl.col("no2") + 60).otherwise(pl.col("no2")).alias("no2")
    )
    quiet = SensorTests(jump=False)
    assert judge(drifted, places=places, tests=quiet) == [("SIBLINGS_DISAGREE", 6, "no2", 80, 91, 12)]
    assert judge(clean, places=places, tests=quiet) == []


def test_far_sensors_are_no_siblings(clean: pl.DataFrame, judge: Judge, places: pl.DataFrame) -> None:
    far = places.with_columns(pl.col(LONGITUDE) + pl.col(ENTITY).cast(pl.Float64))
    drifted = written(clean, 6, 80, 91, no2=300.0)
    assert [span for span in judge(drifted, places=far) if span[0] == "SIBLINGS_DISAGREE"] == []


def test_sensors_of_one_group_are_siblings(clean: pl.DataFrame, judge: Judge) -> None:
    grouped = clean.with_columns(district=pl.lit("330106"))
    drifted = grouped.with_columns(
        pl.when((pl.col(ENTITY) == 6) & hours_of(80, 91)).then(pl.col("no2") + 60).otherwise(pl.col("no2")).alias("no2")
    )
    tests = SensorTests(jump=False, siblings=SiblingTest(group="district"))
    assert judge(drifted, tests=tests) == [("SIBLINGS_DISAGREE", 6, "no2", 80, 91, 12)]
    assert GROUP not in grouped.columns


def test_what_is_switched_off_finds_nothing(clean: pl.DataFrame, judge: Judge) -> None:
    off = SensorTests(stuck=False, jump=False, zero=False, silent=False, pairs=False, siblings=False)
    rows = written(written(clean, 3, 40, 55, pm25=33.25), 5, 100, 100, no2=900.0)
    assert judge(rows, tests=off) == []


def test_history_alone_is_never_a_finding(clean: pl.DataFrame, judge: Judge) -> None:
    rows = written(written(clean, 3, 40, 55, pm25=33.25), 5, 100, 100, no2=900.0)
    assert judge(rows.with_columns(hours_of(120, 200).alias(FRESH))) == []
