"""What the ledger says about the versions of a mart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, publications_table


def publication_rows(ledger: Ledger, mart: str, *statuses: str) -> pl.DataFrame:
    """Return the rows of ``publications`` with one of these statuses, oldest first."""
    rows = ledger.read(publications_table.TABLE)
    return rows.filter(pl.col("mart") == mart, pl.col("status").is_in(statuses))


def published_row(ledger: Ledger, mart: str, version: str) -> Mapping[str, Any] | None:
    """Return the row with which a version was published; None if there is none on record."""
    rows = publication_rows(ledger, mart, "published").filter(pl.col("version") == version)
    return rows.row(-1, named=True) if rows.height else None


def inputs_of(ledger: Ledger, mart: str, version: str) -> dict[str, int]:
    """Return the tables that a version was made from, each with its Delta version; empty if it is not on record."""
    row = published_row(ledger, mart, version)
    return dict(json.loads(row["versions"])) if row else {}
