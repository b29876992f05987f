"""Backfills are Airflow's own: its command makes a run for each partition, from either end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.dags.test_alerts import CONTRACT
from tests.declared import declare_packs

FORWARDS, BACKWARDS = "traffic.counts", "traffic.speeds"


def test_the_command_makes_a_run_for_every_day(airflow: Any, tmp_path: Path) -> None:
    folder = tmp_path / "workspace/datasets"
    folder.mkdir(parents=True)
    declare_packs(tmp_path / "workspace")
    for dataset in (FORWARDS, BACKWARDS):
        (folder / f"{dataset}.yaml").write_text(CONTRACT.replace(FORWARDS, dataset), encoding="utf-8")
    words = (f"dataset.{FORWARDS}", f"dataset.{BACKWARDS}", "2026-03-01", "2026-03-04")
    days = airflow("backfill.py", *words, CITYLAKE_WORKSPACE=str(tmp_path / "workspace"))
    # The last day is the one before: the window ends as that date begins.
    wanted = ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert days == [wanted, wanted[::-1]]
