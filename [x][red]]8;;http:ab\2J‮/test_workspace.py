"""Runs the workspace on its sample data in a new lake. Start it with ``pytest``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

WORKSPACE = Path(__file__).parent


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake after one run."""
    folder = tmp_path_factory.mktemp("run") / "lake"
    citylake(folder, "run")
    return folder


def test_the_declarations_have_no_faults(tmp_path: Path) -> None:
    assert citylake(tmp_path, "lint") == {"errors": 0, "findings": []}


def test_every_row_is_in_the_standard_table_or_in_quarantine(lake: Path) -> None:
    sql = "SELECT rows_in, rows_standard, rows_quarantined FROM batches WHERE status = 'committed'"
    [batch] = citylake(lake, "ledger", sql)["rows"]
    assert batch == {"rows_in": 24, "rows_standard": 23, "rows_quarantined": 1}


def test_the_mart_has_each_station_on_each_day(lake: Path) -> None:
    sql = "SELECT day, station_code, rentals FROM station_day ORDER BY day, station_code"
    rows = citylake(lake, "query", "cycling_day", sql)["rows"]
    assert [(row["day"], row["station_code"], row["rentals"]) for row in rows] == [
        ("2026-03-01", "B001", 138),
        ("2026-03-01", "B002", 270),
        ("2026-03-02", "B001", 144),
        ("2026-03-02", "B002", 256),
    ]


def citylake(lake: Path, command: str, *arguments: str) -> Any:
    """The JSON document that a command of citylake prints."""
    words = ["citylake", "--workspace", str(WORKSPACE), "--lake", str(lake), command, *arguments, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
