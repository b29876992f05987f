"""Lint asks polars whether the condition of a rule runs, and a rule takes an absent column for one without values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from citylake.pipelines.conform.rule_binding import check_rule_binding
from citylake.schemas.lint import locate_faults
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

CONTRACT = "datasets/air/readings.yaml"


def reasons(root: Path, conditions: Sequence[str]) -> list[tuple[int, str]]:
    path = write_small_workspace(root) / CONTRACT
    listed = "".join(
        f'  - issue: ODD_{number}\n    when: "{when}"\n    text: {{zh: 测, en: test}}\n'
        for number, when in enumerate(conditions)
    )
    path.write_text(path.read_text(encoding="utf-8") + "rules:\n" + listed, encoding="utf-8")
    found = locate_faults(check_rule_binding(load_registry(root)))
    first = path.read_text(encoding="utf-8").splitlines().index("rules:") + 1
    assert {each.code for each in found} <= {"RULE_UNREADABLE"}
    return [(each.line - first, str(each.values["reason"])) for each in found]


def test_a_condition_that_polars_does_not_run_is_told_at_its_line(tmp_path: Path) -> None:
    wrong = [
        "hour_start AT TIME ZONE 'Asia/Shanghai' > 3",
        "no_such(pm25_ugm3)",
        "pm25_ugm3 > 'a'",
        "hour_start > '2026-03-01'",
        "pm25_ugm3",
    ]
    found = reasons(tmp_path, wrong)
    assert [line for line, _ in found] == [2, 5, 8, 11, 14]
    assert "AT TIME ZONE" in found[0][1]


@pytest.mark.parametrize(
    "condition",
    [
        "pm25_ugm3 > 100 AND station_code LIKE 'S%'",
        "date_part('hour', hour_start) = 3",
        "_day > DATE '2026-03-01'",
        "strftime(hour_start, '%H') > '03' OR pm25_ugm3 IS NULL",
    ],
)
def test_a_condition_that_runs_is_no_fault(tmp_path: Path, condition: str) -> None:
    assert reasons(tmp_path, [condition]) == []
