"""Records removals in the ledger, before the files are deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger import removals_table


def record_removals(context: RunContext, zone: str, subject: str, gone: Mapping[str, Mapping[str, int | None]]) -> None:
    """Record ``gone`` (receipt or version → ``files``, ``size_bytes``, ``retention_days``) in the ledger, each once.

    Call it before the deletion: after a crash in between, the next upkeep deletes what is already recorded.
    """
    recorded = _recorded_subjects(context, zone, subject) if gone else ()
    fresh = {name: values for name, values in gone.items() if name not in recorded}
    context.ledger.add_removals(context.run.id, zone, subject, fresh)
    context.ledger.flush()


def _recorded_subjects(context: RunContext, zone: str, subject: str) -> Collection[str]:
    rows = context.ledger.read(removals_table.TABLE)
    return set(rows.filter(pl.col("zone") == zone, pl.col("subject") == subject)["name"])
