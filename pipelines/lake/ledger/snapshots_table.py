"""Ledger table ``snapshots``: which receipt is the whole register of which day.

A day without changes leaves no trace in a table of validity intervals, but a late register can be placed between two
others only if all days are known. An entry is valid once its batch is in the standard table's log. ``unsure``: keys
(JSON) whose only rows were quarantined, so that the register does not say whether they exist.
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
        "sequence": pl.Int64(),
    }
)
