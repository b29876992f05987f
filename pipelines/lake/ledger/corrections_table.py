"""Ledger table ``corrections``: right values in place of those that a source delivered, as data.

A correction never changes landed bytes or raw text. It is applied whenever its receipt is read, before the bindings.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

TABLE = "corrections"
SCHEMA = pl.Schema(
    {
        "act_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        # row: one row of one receipt; value: every row with this text, also of later receipts.
        "scope": pl.String(),
        # Null unless the scope is a row.
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        # The source's field.
        "field": pl.String(),
        # literal: the whole text; pattern: a regular expression for the whole text.
        "match": pl.String(),
        # Null: the field has no value.
        "old": pl.String(),
        "new": pl.String(),
        # False: the correction is withdrawn. Of one place or one value, the last row counts.
        "active": pl.Boolean(),
        "user": pl.String(),
        "why": pl.String(),
        "sequence": pl.Int64(),
    }
)

CorrectionScope = Literal["row", "value"]
CorrectionMatch = Literal["literal", "pattern"]
