"""Pins: versions of marts that a person keeps. They are acts in the ledger; of one version, the last act counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, acts_table


@dataclass(frozen=True, slots=True)
class Pin:
    """Who keeps a version, since when and why."""

    version: str
    user: str
    at: datetime
    why: str


def pinned_versions(ledger: Ledger, mart: str) -> dict[str, Pin]:
    """Return the pinned versions of a mart, also those whose files are gone because a person was forgotten."""
    acts = ledger.read(acts_table.TABLE)
    chosen = acts.filter(pl.col("dataset") == f"mart.{mart}", pl.col("act").is_in(["pin_version", "unpin_version"]))
    found: dict[str, Pin] = {}
    for row in chosen.iter_rows(named=True):
        version = json.loads(row["details"])["version"]
        if row["act"] == "pin_version":
            found[version] = Pin(version, row["user"], row["recorded_at"], row["why"])
        else:
            found.pop(version, None)
    return found
