"""The ledger of rows that the standard tables do not hold because another row stands for them, each by name."""

from __future__ import annotations

import pyarrow as pa

TABLE = "duplicates"
SCHEMA = pa.schema(
    [
        ("_batch", pa.string()),
        ("dataset", pa.string()),
        ("_receipt", pa.string()),
        ("_row", pa.int64()),
        ("survivor_receipt", pa.string()),
        # Empty where the survivor is a whole register or partition in which the key is not.
        ("survivor_row", pa.int64()),
        # exact: the survivor has the same values; superseded: the survivor is newer.
        ("kind", pa.string()),
    ]
)
