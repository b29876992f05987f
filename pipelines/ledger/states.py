"""The ledger of incremental state: from where the next pull of each source goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

TABLE = "states"
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("run", pa.string()),
        ("dataset", pa.string()),
        ("name", pa.string()),
        ("state", pa.string()),
        ("receipt", pa.string()),
        ("set_by", pa.string()),
    ]
)


def row(
    dataset: str, name: str, state: Mapping[str, Any], at: datetime, *, run: str = "", receipt: str | None = None
) -> dict[str, Any]:
    """A source's state as a row; without a receipt, an operator has set it."""
    told = json.dumps(state, ensure_ascii=False, sort_keys=True)
    by = "operator" if receipt is None else "commit"
    return {
        "at": at,
        "run": run,
        "dataset": dataset,
        "name": name,
        "state": told,
        "receipt": receipt,
        "set_by": by,
    }
