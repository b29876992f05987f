"""Our compaction exists because delta-rs' own cuts the bounds of instants; a test reports when it no longer does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake


def test_optimize_of_delta_rs_still_cuts_the_bounds_of_instants_to_milliseconds(tmp_path: Path) -> None:
    newest = datetime(2026, 3, 1, 8, 0, 0, 807_126, tzinfo=UTC)
    for number in range(2):
        write_deltalake(str(tmp_path), pl.DataFrame({"at": [newest], "number": [number]}), mode="append")
    table = DeltaTable(str(tmp_path))
    assert table.optimize.compact()["numFilesAdded"] == 1
    log = tmp_path / "_delta_log" / f"{table.version():020}.json"
    (added,) = [line["add"] for line in map(json.loads, log.read_text().splitlines()) if "add" in line]
    bound = datetime.fromisoformat(json.loads(added["stats"])["maxValues"]["at"])
    assert bound == newest.replace(microsecond=807_000), (
        f"OPTIMIZE of delta-rs recorded {bound.isoformat()} as the newest instant of a file, where 1.6 recorded "
        "…00.807Z: if it keeps microseconds now, our own compaction in pipelines/upkeep/compaction.py can go"
    )
