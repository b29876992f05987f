"""A batch whose process dies between its transactions is completed, also if its bytes are never received again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.commit import commit_batch
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow import work_mark
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

DATASET = "air.readings"


def run(workspace: Path) -> Lake:
    registry, this, lake = load_registry(workspace), new_run(), Lake(str(workspace.parent / "lake"))
    context = RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this))
    ingest_dataset(context, registry.contracts[DATASET])
    context.ledger.flush()
    return lake


def test_the_next_run_completes_the_batch_although_the_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_small_workspace(tmp_path / "workspace")
    file = workspace / "inbox/air.csv"
    before = file.read_text("utf-8")
    file.write_text(before + "S2,2026-03-02 09:00,first\n", "utf-8")

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commit_batch, "_commit_others", die)
        with pytest.raises(KeyboardInterrupt):
            run(workspace)
    file.write_text(before + "S2,2026-03-02 10:00,second\n", "utf-8")
    # The same process runs on.
    monkeypatch.setattr(work_mark.Mark, "alive", property(lambda _mark: False))
    lake = run(workspace)
    refused = pl.read_delta(lake.quarantine(DATASET))
    assert {"first", "second"} <= {reason[0]["value"] for reason in refused["reasons"]}
    ledger = Ledger(lake)
    batches = ledger.read("batches").filter(status="committed")
    assert (batches.height, batches["rows_quarantined"].to_list()) == (2, [2, 2])
    received = ledger.read("receipts").filter(status="received")["id"].to_list()
    assert [receipts.to_list() for receipts in batches["receipts"]] == [[name] for name in received]
    assert not Path(lake.path("working")).exists()
