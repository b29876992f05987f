"""The ledger of what the upkeep took away although something names it: bytes of receipts, versions of marts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

TABLE = "removals"
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("run", pa.string()),
        # landing, raw or marts.
        ("zone", pa.string()),
        # A dataset's id or a mart's.
        ("subject", pa.string()),
        # A receipt's id or a version.
        ("name", pa.string()),
        ("files", pa.int64()),
        ("size_bytes", pa.int64()),
        # The workspace's setting: kept no longer than so many days.
        ("days", pa.int64()),
    ]
)


def rows(
    run: str, zone: str, subject: str, gone: Mapping[str, Mapping[str, Any]], at: datetime
) -> Iterator[dict[str, Any]]:
    """One row a receipt or version; ``gone`` gives its ``files``, ``size_bytes`` and ``days``."""
    for name, values in gone.items():
        yield {"at": at, "run": run, "zone": zone, "subject": subject, "name": name, **values}
