"""Decisions of people as data: what the commands of the quarantine add to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, corrections_table, row_acts_table
from citylake.pipelines.lake.ledger.acts_table import Act

_AT = datetime(2026, 3, 9, tzinfo=UTC)
Place = tuple[str, str, int]
"""Receipt, part, row."""


def correct_rows(
    ledger: Ledger, dataset: str, act: str, cells: Sequence[tuple[Place, str, str | None, str | None]], **more: Any
) -> None:
    """Correct cells: place, field, old, new."""
    rows = [
        {**_of(dataset, act), "scope": "row", **_at(place), "field": name, "match": "literal", "old": old, "new": new}
        for place, name, old, new in cells
    ]
    _add_corrections(ledger, rows, **more)
    decide_rows(ledger, dataset, act, "corrected", sorted({place for place, *_ in cells}))


def correct_value(
    ledger: Ledger, dataset: str, act: str, name: str, old: str | None, new: str | None, **more: Any
) -> None:
    """Correct a text in every row."""
    correct_values(ledger, dataset, [(act, name, "literal", old, new)], **more)


def correct_values(
    ledger: Ledger,
    dataset: str,
    values: Sequence[tuple[str, str, str, str | None, str | None]],
    *,
    recorded: bool = True,
    **more: Any,
) -> None:
    """Correct texts, or the texts that match expressions, in every row: act, field, match, old, new.

    ``recorded``: whether the act itself is stored, after its corrections.
    """
    names = ("field", "match", "old", "new")
    _add_corrections(
        ledger,
        [{**_of(dataset, act), "scope": "value", **dict(zip(names, rest, strict=True))} for act, *rest in values],
        **more,
    )
    for act in dict.fromkeys(act for act, *_ in values if recorded):
        ledger.add_act(Act(act, "correct_value", dataset, "局", "test", "why"))
    ledger.flush()


def decide_rows(ledger: Ledger, dataset: str, act: str, decision: str, places: Sequence[Place]) -> None:
    """Release, discard or reopen rows, or say that they were corrected."""
    rows = [{**_of(dataset, act), **_at(place), "decision": decision} for place in places]
    schema = {name: kind for name, kind in row_acts_table.SCHEMA.items() if name != "sequence"}
    ledger.append_frame(row_acts_table.TABLE, pl.DataFrame(rows, schema))
    ledger.add_act(Act(act, "correct_rows", dataset, "局", "test", "why", rows=len(rows)))
    ledger.flush()


def _of(dataset: str, act: str) -> dict[str, Any]:
    return {"act_id": act, "recorded_at": _AT, "dataset": dataset}


def _at(place: Place) -> dict[str, Any]:
    return dict(zip(("_receipt", "_part", "_row"), place, strict=True))


def _add_corrections(ledger: Ledger, rows: Sequence[dict[str, Any]], *, active: bool = True) -> None:
    schema = {name: kind for name, kind in corrections_table.SCHEMA.items() if name != "sequence"}
    whole = [{**dict.fromkeys(schema), **row, "active": active, "user": "test", "why": "why"} for row in rows]
    ledger.append_frame(corrections_table.TABLE, pl.DataFrame(whole, schema))
