"""The findings of the sensor tests as check results: one for each test that ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from citylake.quality.check_result import CheckResult
from citylake.quality.sensors.sensor_series import ENTITY
from citylake.schemas.model.sensor_rules import SensorTest, SensorTests
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.issue_type import QualityDimension

if TYPE_CHECKING:
    import polars as pl

CODES = {
    "stuck": "SENSOR_STUCK",
    "jump": "SENSOR_JUMP",
    "zero": "ZERO_FOR_MISSING",
    "silent": "SENSOR_SILENT",
    "pairs": "PAIR_IMPOSSIBLE",
    "siblings": "SIBLINGS_DISAGREE",
}
"""Test → issue type."""
DIMENSIONS: Mapping[str, QualityDimension] = {
    "zero": "completeness",
    "silent": "timeliness",
    "pairs": "consistency",
}
"""Test → quality dimension; the others are tests of accuracy."""
ENTITY_NAME = "entity"
"""The sensor's name: the values of its columns, joined by `` / ``."""
EXPECTED = "0 spans"


def check_spans(dataset: str, tests: SensorTests, spans: pl.DataFrame) -> Iterator[CheckResult]:
    """Yield a check result for each test that is switched on. ``spans``: of ``find_faults``, with ENTITY_NAME."""
    by_code = spans.partition_by("code", as_dict=True)
    for name, code in CODES.items():
        test = getattr(tests, name)
        if isinstance(test, SensorTest):
            found = by_code.get((code,))
            result = _passed(name, test) if found is None else _failed(dataset, name, test, found)
            yield replace(result, dimension=DIMENSIONS.get(name, "accuracy"))


def check_too_many(dataset: str, rows: int, most: int) -> CheckResult:
    """The check of a batch that is not judged for its size, as a notice."""
    problem = Problem("SENSORS_TOO_MANY_ROWS", {"dataset": dataset, "rows": rows, "most": most})
    return CheckResult("sensors", True, "warning", f"{rows:,} rows: not judged", EXPECTED, problem)  # noqa: FBT003


def check_not_judged(dataset: str, reason: str) -> CheckResult:
    """The check of a batch whose rows, or those before it, the tests could not read."""
    problem = Problem("SENSORS_NOT_JUDGED", {"dataset": dataset, "reason": reason})
    return CheckResult("sensors", False, "warning", "not judged", EXPECTED, problem)  # noqa: FBT003


def _passed(name: str, test: SensorTest) -> CheckResult:
    return CheckResult(f"sensors.{name}", passed=True, severity=test.severity, observed=EXPECTED, expected=EXPECTED)


def _failed(dataset: str, name: str, test: SensorTest, spans: pl.DataFrame) -> CheckResult:
    values: dict[str, str | int] = {
        "dataset": dataset,
        "spans": spans.height,
        "sensors": spans[ENTITY].n_unique(),
        "readings": int(spans["readings"].sum()),
        "example": _example(spans),
    }
    observed = f"{spans.height:,} spans, {values['readings']:,} readings, {values['sensors']:,} sensors"
    return CheckResult(f"sensors.{name}", False, test.severity, observed, EXPECTED, Problem(CODES[name], values))  # noqa: FBT003


def _example(spans: pl.DataFrame) -> str:
    """The longest span: sensor, column, times, detail."""
    longest = spans.sort("readings", ENTITY, "column", "first_at", descending=[True, False, False, False])
    span = longest.row(0, named=True)
    first, last = (f"{span[name]:%Y-%m-%d %H:%M}" for name in ("first_at", "last_at"))
    times = first if first == last else f"{first} – {last}"
    return f"{span[ENTITY_NAME]}, {span['column']}, {times} UTC, {span['detail']}"
