"""Ledger table ``sensor_findings``: spans in which a sensor's readings are doubtful, by the batch that found them.

A span may begin before its batch: the readings of the history that belong to the same fault are part of it.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

TABLE = "sensor_findings"
SCHEMA = pl.Schema(
    {
        "run": pl.String(),
        "dataset": pl.String(),
        "batch": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "code": pl.String(),
        # The values of the columns that name the sensor, joined by " / ".
        "entity": pl.String(),
        # * is the whole row; two columns are joined by +.
        "column_name": pl.String(),
        "first_at": pl.Datetime("us", "UTC"),
        "last_at": pl.Datetime("us", "UTC"),
        "readings": pl.Int64(),
        "detail": pl.String(),
        "sequence": pl.Int64(),
    }
)


def finding_rows(run: str, dataset: str, batch: str, spans: pl.DataFrame, recorded_at: datetime) -> pl.DataFrame:
    """Return the rows of a batch's findings, without the sequence. ``spans``: with ``entity`` and ``column``."""
    return spans.select(
        pl.lit(run).alias("run"),
        pl.lit(dataset).alias("dataset"),
        pl.lit(batch).alias("batch"),
        pl.lit(recorded_at).cast(SCHEMA["recorded_at"]).alias("recorded_at"),
        "code",
        "entity",
        pl.col("column").alias("column_name"),
        "first_at",
        "last_at",
        "readings",
        "detail",
    )
