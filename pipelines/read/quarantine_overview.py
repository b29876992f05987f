"""The quarantine of all datasets on one page: how many rows, why, who must act, until when, and with which command."""

from __future__ import annotations

from typing import Any

import polars as pl

from citylake.pipelines.read.quarantine_explain import settling_commands
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery

VALUES_SHOWN = 5
"""Distinct values of each reason and state in the overview; ``QuarantineQuery.values`` gives all of them."""


def quarantine_overview(query: QuarantineQuery, wanted: QuarantineFilter) -> dict[str, Any]:
    """Return ``datasets``, ready for JSON, those with overdue rows first, then by rows.

    Each has ``dataset, department, rows, overdue, due_on`` (the earliest), ``states`` (``state, responsible, age,
    rows``), ``reasons`` (``code, field, state, rows, values, due_on, examples``: the most frequent values of the
    rows in this state), and ``next``: the command lines by which the rows are settled.
    """
    states, reasons = query.by_state(wanted), query.by_reason(wanted)
    values = query.values(wanted, VALUES_SHOWN, by_state=True)
    names = states["dataset"].unique(maintain_order=True).to_list() if states.height else []
    found = [_dataset_entry(query, name, *(_of(frame, name) for frame in (states, reasons, values))) for name in names]
    return {"datasets": sorted(found, key=lambda each: (-each["overdue"], -each["rows"], each["dataset"]))}


def _of(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.filter(pl.col("dataset") == name).drop("dataset")


def _dataset_entry(
    query: QuarantineQuery, name: str, states: pl.DataFrame, reasons: pl.DataFrame, values: pl.DataFrame
) -> dict[str, Any]:
    contract = query.registry.contract(name)
    parties = states.group_by("responsible").agg(pl.col("rows").sum()).sort("rows", descending=True)["responsible"]
    return {
        "dataset": name,
        "department": contract.owner.department,
        "rows": int(states["rows"].sum()),
        "overdue": int(states["overdue"].sum()),
        "due_on": states["due_on"].min(),
        "states": states.select("state", "responsible", "age", "rows", "overdue", "due_on").to_dicts(),
        "reasons": [{**row, "examples": _examples(values, row)} for row in reasons.to_dicts()],
        "next": [next(settling_commands(contract, party)) for party in parties],
    }


def _examples(values: pl.DataFrame, reason: dict[str, Any]) -> list[dict[str, Any]]:
    same = [pl.col(name).eq_missing(pl.lit(reason[name], pl.String)) for name in ("code", "field", "state")]
    return values.filter(*same, pl.col("value").is_not_null()).select("value", "rows").to_dicts()
