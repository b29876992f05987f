"""Writing down what is taken away although something names it, before it is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger import removals_table


def record_removals(
    context: RunContext, zone: str, subject: str, gone: Mapping[str, Mapping[str, int]], days: int | None
) -> None:
    """Put ``gone`` (a receipt or version → ``files``, ``size_bytes``) into the ledger, each once.

    Before anything is deleted: after a crash in between, the ledger tells of bytes that the next upkeep takes away.
    """
    told = _recorded_subjects(context, zone, subject) if gone else ()
    fresh = {name: {**values, "retention_days": days} for name, values in gone.items() if name not in told}
    context.ledger.add_removals(context.run.id, zone, subject, fresh)
    context.ledger.flush()


def _recorded_subjects(context: RunContext, zone: str, subject: str) -> Collection[str]:
    rows = context.ledger.read(removals_table.TABLE)
    return set(rows.filter(pl.col("zone") == zone, pl.col("subject") == subject)["name"])
