"""The ledger of registers: which receipt was the whole register on which day.

A day on which nothing changed leaves no trace in a table of validity intervals, but a late register between two others
can only be placed rightly if every day is known. An entry counts once its batch is in the standard table's log.
``unsure``: keys (JSON) of which the register says nothing, because it refused their only rows.
"""

from __future__ import annotations

import polars as pl

TABLE = "snapshots"
SCHEMA = pl.Schema(
    {
        "_batch": pl.String(),
        "dataset": pl.String(),
        "effective": pl.Date(),
        "_receipt": pl.String(),
        "_source": pl.String(),
        "unsure": pl.List(pl.String()),
        "noted_at": pl.Datetime("us", "UTC"),
    }
)
