"""Ledger table ``forgotten``: persons whose rows no reading may bring back, by the SHA-256 of their token."""

from __future__ import annotations

import polars as pl

TABLE = "forgotten"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        # Of the token, which is itself a keyed hash: the list tells nobody who was forgotten.
        "digest": pl.String(),
        # The id of the key that made the token: under another key the person has another token.
        "token_key": pl.String(),
        "act_id": pl.String(),
        "sequence": pl.Int64(),
    }
)
