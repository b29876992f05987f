"""The ledger of rows that the standard tables do not hold because another row stands for them, each by name."""

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
        # Empty where the survivor is a whole register or partition in which the key is not.
        "survivor_row": pl.Int64(),
        # exact: the survivor has the same values; superseded: the survivor is newer.
        "kind": pl.String(),
    }
)
