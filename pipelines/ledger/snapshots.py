"""The ledger of registers: which receipt was the whole register on which day.

A day on which nothing changed leaves no trace in a table of validity intervals, but a late register between two others
can only be placed rightly if every day is known. An entry counts once its batch is in the standard table's log.
``unsure``: keys (JSON) of which the register says nothing, because it refused their only rows.
"""

from __future__ import annotations

import pyarrow as pa

TABLE = "snapshots"
SCHEMA = pa.schema(
    [
        ("_batch", pa.string()),
        ("dataset", pa.string()),
        ("effective", pa.date32()),
        ("_receipt", pa.string()),
        ("_source", pa.string()),
        ("unsure", pa.list_(pa.string())),
        ("noted_at", pa.timestamp("us", "UTC")),
    ]
)
