"""Who used protected data is on record: each access once, with its outcome, also if it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.lake.access_record import Access, record_access, recorded_access
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, accesses_table
from citylake.schemas.words.errors import CitylakeError


def test_each_access_is_a_row_with_its_outcome(tmp_path: Path) -> None:
    ledger = Ledger(Lake(str(tmp_path)))
    with recorded_access(ledger, Access("query", "mart", "city", "SELECT 1", "li")) as access:
        access.rows = 1
    with pytest.raises(CitylakeError), recorded_access(ledger, Access("trace", "dataset", "a.b", "r1:3", "li")):
        raise CitylakeError("KEY_UNSET", key="seal", variable="CITYLAKE_KEY_SEAL")
    record_access(ledger, Access("trial", "dataset", "a.b", "all", "wang", via="api", why="a question"))

    found = Ledger(ledger.lake).read(accesses_table.TABLE)
    rows = found.select("access", "subject", "rows", "outcome", "user", "via", "why").rows()
    assert rows == [
        ("query", "city", 1, "ok", "li", "cli", ""),
        ("trace", "a.b", None, "KEY_UNSET", "li", "cli", ""),
        ("trial", "a.b", None, "ok", "wang", "api", "a question"),
    ]
    assert found["sequence"].is_sorted()
    assert found["recorded_at"].null_count() == 0
