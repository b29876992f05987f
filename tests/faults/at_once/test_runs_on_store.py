"""Several runs at once on an object store, beside an upkeep, end well and do the work of one."""

from __future__ import annotations

from pathlib import Path

from tests.faults.at_once.store_rounds import run_on_store
from tests.object_store import BUCKET


def test_runs_at_once_on_a_store_do_the_work_of_one(store: str, tmp_path: Path) -> None:
    run_on_store(f"{BUCKET}/at-once", tmp_path)
