"""Ledger table ``revisions``: each state of the declarations under which something was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import to_json_text

TABLE = "revisions"
SCHEMA = pl.Schema(
    {
        "revision": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "run": pl.String(),
        # The version of citylake that was first to run under it.
        "citylake": pl.String(),
        # JSON: SHA-256 by path.
        "files": pl.String(),
        "sequence": pl.Int64(),
    }
)


def revision_row(
    revision: str, digests: Mapping[str, str], citylake: str, run: str, recorded_at: datetime
) -> dict[str, Any]:
    """Return one revision as a row."""
    files = to_json_text(dict(digests))
    return {"revision": revision, "recorded_at": recorded_at, "run": run, "citylake": citylake, "files": files}
