"""The buttons for held batches in Airflow: who may press them, and what a page of another site cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.held_trial import deliver, held, open_held_trial, standard_rows


def test_an_editor_decides_a_viewer_and_another_site_do_not_and_the_next_run_does_it(
    airflow: Any, tmp_path: Path
) -> None:
    trial = open_held_trial(tmp_path)
    deliver(trial, "d.csv", "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x", "2026-03-01 02:00,,y")
    trial.run()
    (batch,) = held(trial)
    found = airflow(
        "decide_held.py",
        batch.batch,
        CITYLAKE_WORKSPACE=str(trial.root / "workspace"),
        CITYLAKE_LAKE=str(trial.root / "lake"),
        IN=trial.given["IN"],
    )
    assert (found["viewer_page"], found["editor_page"]) == (False, True)
    refused = ("viewer", "other_site", "no_origin", "other_origin")
    assert [found[name] for name in refused] == [403] * 4
    assert [found[name] for name in ("no_reason", "no_decision", "too_long")] == [400, 400, 413]
    assert found["acts_before"] == 0
    assert found["editor"] == 303
    assert found["acts"] == [["release_batch", "user-ana", "known", "airflow"]]
    assert standard_rows(trial) == []
    assert trial.run().exit_code == 0
    assert len(standard_rows(trial)) == 1
