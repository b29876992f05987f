"""Ledger table ``duplicates``: rows that are not in a standard table because another row represents them."""

from __future__ import annotations

import polars as pl

TABLE = "duplicates"
SCHEMA = pl.Schema(
    {
        "_batch": pl.String(),
        "dataset": pl.String(),
        "_receipt": pl.String(),
        "_row": pl.Int64(),
        "survivor_receipt": pl.String(),
        # Null if the survivor is a whole register or partition that does not contain the key.
        "survivor_row": pl.Int64(),
        # exact: the survivor has the same values; superseded: the survivor is newer.
        "kind": pl.String(),
    }
)
