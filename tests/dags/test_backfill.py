"""Backfills are Airflow's own: its command makes a run for each partition, from either end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.dags.test_alerts import CONTRACT
from tests.declared import declare_packs


@pytest.mark.parametrize("backwards", [False, True])
def test_the_command_makes_a_run_for_every_day(airflow: Any, tmp_path: Path, *, backwards: bool) -> None:
    path = tmp_path / "workspace/datasets/counts.yaml"
    path.parent.mkdir(parents=True)
    declare_packs(tmp_path / "workspace")
    path.write_text(CONTRACT, encoding="utf-8")
    variables = {
        "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
    }
    asked = ["--dag-id", "dataset.traffic.counts", "--from-date", "2026-03-01", "--to-date", "2026-03-04"]
    days = airflow("backfill.py", *asked, *(["--run-backwards"] if backwards else []), **variables)
    # The last day is the one before: the window ends as that date begins.
    wanted = ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert days == (wanted[::-1] if backwards else wanted)
