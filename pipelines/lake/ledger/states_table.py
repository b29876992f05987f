"""Ledger table ``states``: the state of incremental pulls, from which the next pull of a source continues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "states"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        "run": pl.String(),
        "dataset": pl.String(),
        "name": pl.String(),
        "state": pl.String(),
        "receipt": pl.String(),
        "set_by": pl.String(),
        "sequence": pl.Int64(),
    }
)


def state_row(
    dataset: str,
    name: str,
    state: Mapping[str, Any],
    recorded_at: datetime,
    *,
    run: str = "",
    receipt: str | None = None,
) -> dict[str, Any]:
    """Return a source's state as a row; without a receipt, ``set_by`` is ``operator``."""
    text = json.dumps(state, ensure_ascii=False, sort_keys=True)
    set_by = "operator" if receipt is None else "commit"
    return {
        "recorded_at": recorded_at,
        "run": run,
        "dataset": dataset,
        "name": name,
        "state": text,
        "receipt": receipt,
        "set_by": set_by,
    }
