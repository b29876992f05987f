"""What became of a refused row: the columns that the quarantine's table has for it, and the states that it stores.

Files of a batch whose receipts nothing has refused before have none of these columns.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

StoredState = Literal["open", "held", "rejected", "returned", "superseded"]
"""``open``: the newest reading of its receipt refuses the row. ``held``: a row of a batch that the audit has held.
``rejected``: a person has decided that nothing of its held batch comes in.

``returned``: an earlier reading refused it, the newest one does not. ``superseded``: its receipt no longer counts,
because the source has delivered another version of the file; whether that version has the row is not known.
``rejected``: a row of a held batch that a person has rejected.
"""
CLOSED_STATES = ("returned", "superseded", "rejected")
"""History: these rows are no longer refused."""
IS_OPEN = pl.col("state") == "open"
IS_CLOSED = pl.col("state").is_in(CLOSED_STATES)

LIFE_SCHEMA = pl.Schema(
    {
        # The receipt by which the row was refused first: that of its id. Null: _receipt.
        "first_receipt": pl.String(),
        # Null: quarantined_at.
        "first_seen_at": pl.Datetime("us", "UTC"),
        # The number of readings that refused it. Null: 1.
        "times_seen": pl.Int64(),
        # When and by which batch the row was closed; null while it is refused.
        "closed_at": pl.Datetime("us", "UTC"),
        "closed_by_batch": pl.String(),
    }
)


def life_columns() -> list[pl.Expr]:
    """Return the columns of ``LIFE_SCHEMA`` with the values that a null stands for."""
    return [
        pl.col("first_receipt").fill_null(pl.col("_receipt")),
        pl.col("first_seen_at").fill_null(pl.col("quarantined_at")),
        pl.col("times_seen").fill_null(1),
        pl.col("closed_at"),
        pl.col("closed_by_batch"),
    ]
