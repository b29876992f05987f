"""A rule over a column that the source lacks: the column counts as one without values, and the batch is committed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from citylake import Lake, Workspace, run
from tests.small_workspace import write_small_workspace

RULES = """
rules:
  - {issue: HUMID, when: humidity > 90, text: {zh: 测, en: test}}
  - {issue: DRY_OR_HIGH, when: humidity < 10 OR pm25_ugm3 > 30, severity: warning, text: {zh: 测, en: test}}
  - {issue: NOT_GIVEN, when: humidity IS NULL, severity: warning, text: {zh: 测, en: test}}
  - {issue: LATE, when: "date_part('hour', seen_at) > 20", severity: warning, text: {zh: 测, en: test}}
"""
FIELDS = """  wet: {element: air.pm25, as: humidity, optional: true}
  seen: {element: time.hour_start, as: seen_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, optional: true}
"""


def test_a_rule_over_a_column_that_the_source_lacks_takes_it_for_empty(tmp_path: Path) -> None:
    root = write_small_workspace(tmp_path / "workspace")
    path = root / "datasets/air/readings.yaml"
    text = path.read_text(encoding="utf-8").replace("write:", FIELDS + "write:") + RULES
    path.write_text(text, encoding="utf-8")
    done = run(Workspace.load(root), Lake(tmp_path / "lake"), datasets="air.readings")
    assert [(each.status, each.counts.standard) for each in done.batches] == [("committed", 4)]
    rows = pl.read_delta(str(tmp_path / "lake/standard/air.readings")).sort("pm25_ugm3")
    assert rows["_warnings"].to_list() == ["NOT_GIVEN", "NOT_GIVEN", "DRY_OR_HIGH,NOT_GIVEN", "DRY_OR_HIGH,NOT_GIVEN"]
