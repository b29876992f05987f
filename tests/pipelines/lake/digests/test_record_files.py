"""Digests are recorded when a file is written, and not again after it may have been damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from citylake.pipelines.lake.digests.record_files import record_curated_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger

PLACE = "curated/traffic/day"


def test_damage_that_came_a_moment_after_a_file_was_recorded_is_not_recorded_as_right(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    pl.DataFrame({"flow": [1, 2]}).write_delta(lake.path(PLACE))
    ledger, since = Ledger(lake), datetime.now(UTC)
    record_curated_files(ledger, "first", "traffic", since)
    ledger.flush()
    before = ledger.recorded_digests(PLACE)
    (file,) = Path(lake.path(PLACE)).glob("*.parquet")
    file.write_bytes(b"other bytes")
    # The log entry is younger than a second, so the second publication lists it again.
    record_curated_files(ledger, "second", "traffic", since)
    ledger.flush()
    assert f"{PLACE}/{file.name}" in before
    assert Ledger(lake).recorded_digests(PLACE) == before
