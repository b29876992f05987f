"""Every changed cell of a comparison as a frame."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import polars as pl

from citylake.pipelines.history.diff.cause_text import cause_text
from citylake.pipelines.history.diff.run_diff import OpenDifference
from citylake.pipelines.lake.ledger.json_text import to_json_text

SCHEMA = pl.Schema(
    {
        "table": pl.String(),
        "status": pl.String(),
        "key": pl.String(),
        "column": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "kinds": pl.List(pl.String()),
        "causes": pl.List(pl.String()),
    }
)


def diff_frame(found: OpenDifference) -> pl.DataFrame:
    """Return one row per changed cell, added row or removed row."""
    causes = {each.number: each.cause for each in found.result.causes}
    texts = {number: cause_text(cause) for number, cause in causes.items()}
    rows = [
        (
            cell.table,
            cell.status,
            to_json_text(dict(cell.key)),
            cell.column or None,
            cell_text(cell.before),
            cell_text(cell.after),
            list(dict.fromkeys(causes[number].kind for number in cell.causes)),
            [texts[number] for number in cell.causes],
        )
        for cell in found.cells()
    ]
    return pl.DataFrame(rows, SCHEMA, orient="row")


def cell_text(value: Any) -> str | None:
    """A value as text; rows, lists and structs as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return to_json_text(value)
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)
