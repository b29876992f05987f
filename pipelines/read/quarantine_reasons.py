"""The reasons of one row, or of a whole dataset, explained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from citylake.pipelines.read.quarantine_explain import explain_reason
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.pipelines.read.quarantine_row import find_row
from citylake.schemas.words.errors import CitylakeError

VALUES_SHOWN = 10


def explain_row(query: QuarantineQuery, row_id: str, language: str) -> dict[str, Any]:
    """Return ``dataset, row_id, state`` and ``explained`` of a row. Raises ROW_ID_UNREADABLE and ROW_ID_UNKNOWN."""
    found = find_row(query, row_id, language)
    return {name: found[name] for name in ("dataset", "row_id", "state", "explained")}


def explain_dataset(
    query: QuarantineQuery, dataset: str, code: str | None, field: str | None, language: str
) -> dict[str, Any]:
    """Return ``dataset`` and ``explained``: each reason of its rows, or those of a code or of a column.

    Each has ``rows``, the number of its rows, and ``values``: its most frequent values with their rows, see
    :func:`explain_reason`, which explains the most frequent one. Raises REASON_NOT_FOUND.
    """
    wanted = QuarantineFilter((dataset,), code=code, field=field)
    found = query.values(wanted)
    if found.is_empty():
        known = query.values(QuarantineFilter((dataset,)), 1)
        codes = ", ".join(known["code"].drop_nulls().unique().sort()) if known.height else ""
        raise CitylakeError("REASON_NOT_FOUND", dataset=dataset, reason=code or field or "—", known=codes or "—")
    reasons = found.group_by("code", "field", maintain_order=True).agg(
        pl.col("rows").sum().alias("sum"), pl.struct("value", "detail", "rows").head(VALUES_SHOWN).alias("values")
    )
    explained = [_explained(query, wanted, row, language) for row in reasons.sort("sum", descending=True).to_dicts()]
    return {"dataset": dataset, "explained": explained}


def _explained(query: QuarantineQuery, wanted: QuarantineFilter, row: dict[str, Any], language: str) -> dict[str, Any]:
    contract, first = query.registry.contract(wanted.datasets[0]), row["values"][0]
    reason = {"code": row["code"], "field": row["field"], "value": first["value"], "detail": first["detail"]}
    one = query.page(replace(wanted, code=row["code"], field=row["field"], value=first["value"]), limit=1).to_dicts()
    place = {"file": one[0]["_source"], "row": one[0]["_row"]} if one else {}
    values = [{"value": each["value"], "rows": each["rows"]} for each in row["values"]]
    return {**explain_reason(contract, query.registry, reason, place, language), "rows": row["sum"], "values": values}
