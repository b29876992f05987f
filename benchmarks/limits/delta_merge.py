"""``deltalake`` merge of typed rows by key: ``python -m benchmarks.limits.delta_merge TABLE TABLE_OF_CHANGES``."""

from __future__ import annotations

import sys

from deltalake import DeltaTable

KEY = ("_day", "device_code", "lane_no", "observed_at")
"""The key includes the partition: without it a merge reads the whole table."""


def main(table: str, changes: str) -> None:
    """Update rows that exist, insert the others."""
    same = " AND ".join(f"t.{name} = s.{name}" for name in KEY)
    merge = DeltaTable(table).merge(
        DeltaTable(changes).to_pyarrow_table(), predicate=same, source_alias="s", target_alias="t"
    )
    merge.when_matched_update_all().when_not_matched_insert_all().execute()


if __name__ == "__main__":
    main(*sys.argv[1:3])
