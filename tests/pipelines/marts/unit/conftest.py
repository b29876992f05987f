"""A workspace with one mart, and tests of its SELECT as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from citylake.pipelines.marts.unit.run_mart_tests import MartTester, MartTestOutcome, find_mart_tests
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

RunTests = Callable[..., list[MartTestOutcome]]
GIVEN = """
- name: means
  given:
    air.readings:
      - {station_code: S1, hour_start: 2026-03-01T08:00, pm25_ugm3: 10}
      - {station_code: S1, hour_start: 2026-03-01T09:00, pm25_ugm3: 20.5}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return write_small_workspace(tmp_path / "workspace")


@pytest.fixture
def run(workspace: Path) -> RunTests:
    """Writes tests, also another SELECT, and runs them."""

    def ran(tests: str, sql: str = "", mart: str = "") -> list[MartTestOutcome]:
        folder = workspace / "marts" / "air"
        (folder / "station_day.test.yaml").write_text(tests, encoding="utf-8")
        if sql:
            (folder / "station_day.sql").write_text(sql, encoding="utf-8")
        if mart:
            file = folder / "mart.yaml"
            file.write_text(file.read_text(encoding="utf-8") + mart, encoding="utf-8")
        registry = load_registry(workspace)
        with MartTester(registry) as tester:
            return [tester.run(case) for case in find_mart_tests(registry, "air", "station_day")]

    return ran
