"""Ledger table ``silo_figures``: how far the departments' data met, whenever it was recorded."""

from __future__ import annotations

from datetime import datetime

import polars as pl

TABLE = "silo_figures"
SCHEMA = pl.Schema(
    {
        # The run after which it was measured; empty if a person recorded it.
        "run": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "figure": pl.String(),
        # Empty for figures of the whole; two departments of a pair, joined by " × ".
        "subject": pl.String(),
        "value": pl.Float64(),
        "sequence": pl.Int64(),
    }
)


def figure_rows(run: str, figures: dict[tuple[str, str], float], recorded_at: datetime) -> pl.DataFrame:
    """Return figures as rows, without the sequence. ``figures``: (figure, subject) → value."""
    names = list(figures)
    columns = {
        "figure": [figure for figure, _ in names],
        "subject": [subject for _, subject in names],
        "value": list(figures.values()),
    }
    frame = pl.DataFrame(columns, {name: SCHEMA[name] for name in columns})
    return frame.select(
        pl.lit(run).alias("run"), pl.lit(recorded_at).cast(SCHEMA["recorded_at"]).alias("recorded_at"), *columns
    )
