"""Expectations about the days of a table: presence, their last hour, and the distribution of their values."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.quality.audit import AuditCounts, TableHistory, audit_batch
from citylake.quality.audit.population_shift import ShiftMeasure, measure_shift
from citylake.quality.calendars import WorkCalendar
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract

FIRST, TODAY = date(2026, 3, 2), date(2026, 6, 1)


def contract(**expect: Any) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "air.hourly",
            "title": {"zh": "空气", "en": "air"},
            "owner": {"department": "生态环境局"},
            "source": {"connector": "files", "path": "*.csv", "format": "csv"},
            "zone": "UTC",
            "fields": {"站点": {"element": "air.station"}},
            "write": {"mode": "append", "partition": "day(at)"},
            "expect": expect,
        }
    )


def write_day(folder: Path, day: date, hours: int = 24, scale: float = 1.0, kind: str = "AB") -> str:
    rng = random.Random(day.toordinal())
    rows = [datetime.combine(day, time(hour), UTC) for hour in range(hours) for _ in range(20)]
    frame = pl.DataFrame(
        {
            "at": rows,
            "value": [rng.gauss(50, 10) * scale for _ in rows],
            "kind": [rng.choice(kind) for _ in rows],
        }
    )
    file = folder / f"_day={day}" / "a.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(file)
    return str(file)


def judge(folder: Path, of: Contract, staged: list[str], stored: dict[date, list[str]]) -> dict[str, CheckResult]:
    rows = sum(pl.read_parquet(file, hive_partitioning=False).height for file in staged)
    counted = dict.fromkeys(stored, 480)
    history = TableHistory(by_day=True, rows=counted, files=stored, calendar=WorkCalendar(), today=TODAY)
    with duckdb.connect() as connection:
        now = datetime.combine(TODAY, time(1), UTC)
        checks = audit_batch(of, AuditCounts(rows, rows, 0), connection, files=staged, now=now, history=history)
    return {check.name: check for check in checks}


def store(folder: Path, count: int) -> dict[date, list[str]]:
    days = [FIRST + timedelta(days=number) for number in range(count)]
    return {day: [write_day(folder / "stored", day)] for day in days}


def test_a_day_without_rows_among_the_last_ones_is_named(tmp_path: Path) -> None:
    stored = store(tmp_path, 5)
    del stored[date(2026, 3, 4)]
    found = judge(tmp_path, contract(days_present=7), [write_day(tmp_path, date(2026, 3, 7))], stored)["days_present"]
    assert (found.holds, found.observed, found.dimension) == (True, "2026-03-04", "completeness")


def test_days_before_the_first_one_are_not_missed(tmp_path: Path) -> None:
    found = judge(tmp_path, contract(days_present=30), [write_day(tmp_path, FIRST + timedelta(2))], store(tmp_path, 2))
    assert found["days_present"].passed


def test_a_complete_day_that_ends_early_is_reported(tmp_path: Path) -> None:
    day = date(2026, 3, 9)
    whole = judge(tmp_path / "a", contract(day_freshness="2h"), [write_day(tmp_path / "a", day)], {})["day_freshness"]
    assert whole.passed
    half = judge(tmp_path / "b", contract(day_freshness="2h"), [write_day(tmp_path / "b", day, hours=12)], {})
    assert (half["day_freshness"].passed, half["day_freshness"].severity) == (False, "warning")
    assert half["day_freshness"].dimension == "timeliness"


def test_severity_of_a_check_is_what_the_contract_says(tmp_path: Path) -> None:
    of = contract(day_freshness="2h", severity={"day_freshness": "error", "completeness": "warning"},
                  completeness={"value": 1, "kind": 1})  # fmt: skip
    file = write_day(tmp_path, date(2026, 3, 9), hours=12)
    pl.read_parquet(file, hive_partitioning=False).with_columns(value=pl.lit(None, pl.Float64)).write_parquet(file)
    found = judge(tmp_path, of, [file], {})
    assert found["day_freshness"].holds
    assert (found["completeness.value"].passed, found["completeness.value"].severity) == (False, "warning")


def test_a_severity_of_nothing_is_a_fault_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="severity names no expectation"):
        contract(severity={"complete": "warning"})


def test_a_changed_unit_shifts_numbers_and_a_new_code_shifts_categories(tmp_path: Path) -> None:
    stored, day = store(tmp_path, 14), date(2026, 3, 16)
    of = contract(shift={"value": 0.25, "kind": 0.25})
    same = judge(tmp_path, of, [write_day(tmp_path / "same", day)], stored)
    assert [same[f"shift.{name}"].passed for name in ("value", "kind")] == [True, True]
    other = judge(tmp_path, of, [write_day(tmp_path / "other", day, scale=3.6, kind="ABBC")], stored)
    assert [other[f"shift.{name}"].passed for name in ("value", "kind")] == [False, False]
    assert {other[f"shift.{name}"].severity for name in ("value", "kind")} == {"warning"}
    assert other["shift.value"].dimension == "accuracy"


def test_with_too_few_like_days_no_shift_is_judged(tmp_path: Path) -> None:
    found = judge(tmp_path, contract(shift={"value": 0.01}), [write_day(tmp_path, date(2026, 3, 5), scale=9)],
                  store(tmp_path, 3))["shift.value"]  # fmt: skip
    assert (found.passed, found.observed) == (True, "too few like days or rows: not judged")


def shift_of(judged: list[Any], reference: list[Any], kind: str) -> ShiftMeasure:
    with duckdb.connect() as connection:
        for name, values in (("judged", judged), ("reference", reference)):
            connection.execute(f"CREATE TABLE {name} AS SELECT unnest(?::{kind}[]) AS v", [values])
        return measure_shift(connection, "judged", "reference", "v", kind)


def test_the_index_is_that_of_its_formula() -> None:
    found = shift_of(["a"] * 60 + ["b"] * 40, ["a"] * 50 + ["b"] * 50, "VARCHAR")
    expected = (0.6 - 0.5) * math.log(0.6 / 0.5) + (0.4 - 0.5) * math.log(0.4 / 0.5)
    assert math.isclose(found.psi, expected)
    assert found.judged


def test_values_that_stay_the_same_have_no_shift_however_many_of_them_are_equal() -> None:
    values = [0] * 900 + list(range(100))
    assert shift_of(values, values, "INTEGER").psi == 0
    assert shift_of([0] * 500 + [50] * 500, values, "INTEGER").psi > 0.25
    assert shift_of(["é'x"] * 100, ["é'x"] * 100, "VARCHAR").psi == 0


def test_chance_alone_in_a_small_sample_is_no_shift() -> None:
    rng = random.Random(1)
    measures = [
        shift_of([rng.gauss(0, 1) for _ in range(120)], [rng.gauss(0, 1) for _ in range(4000)], "DOUBLE")
        for _ in range(40)
    ]
    assert sum(each.psi > max(0.05, each.chance) for each in measures) <= 6
    assert sum(each.psi > 0.05 for each in measures) > 6, "the limit alone would report chance"
