"""One row of the quarantine with everything that is known about it, found by its id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import acts_table, corrections_table, receipts_table, row_acts_table
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.masked_fields import MASK, MaskedFields, masked_fields
from citylake.pipelines.read.quarantine_explain import explain_reason
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.pipelines.read.quarantine_states import ROW_STATES
from citylake.pipelines.read.source_row import SourceRow, read_source_row
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

_SOURCE_FAULTS = ("SOURCE_ROW_MISSING", "LANDING_LOST")


def find_row(query: QuarantineQuery, row_id: str, language: str) -> dict[str, Any]:
    """Return a row of the quarantine, ready for JSON.

    Returns:
        ``row_id, dataset, department, state, responsible, first_seen_at, times_seen, due_on, overdue, decision`` and
        so on, as the query gives them; ``source``: the fields as the source sent them, without masked values;
        ``source_from``: ``landing``, or ``quarantine`` if the landed bytes are past their retention; ``explained``:
        each reason, see :func:`explain_reason`; ``acts``: the decisions of people about the row, oldest first;
        ``corrections``: of the row, and of values that it has.

    Raises:
        CitylakeError: ROW_ID_UNREADABLE; ROW_ID_UNKNOWN if no quarantine has the row.
    """
    place = RowId.parse(row_id)
    dataset = _dataset_of(query, place)
    wanted = QuarantineFilter(datasets=dataset, row=place, states=ROW_STATES)
    rows = query.page(wanted, limit=_MOST_PIECES).to_dicts() if dataset else []
    if not rows:
        raise CitylakeError("ROW_ID_UNKNOWN", row=row_id, count=1)
    row = next((each for each in rows if each["closed_at"] is None), rows[-1])
    contract = query.registry.contract(row["dataset"])
    source, source_from = _source_row(query, contract, row)
    where = {"file": row["_source"], "row": row["_row"], "row_id": row["row_id"]}
    masked = masked_fields(contract, query.registry)
    reasons = [masked.mask_reason(each, source) for each in row["reasons"] or ()]
    corrections = (each for each in _corrections_of(query, place, row["dataset"]) if _concerns(each, source))
    return {
        **{name: value for name, value in row.items() if name not in ("raw", "reasons")},
        "key": masked.mask_key(row["key"]),
        "source": masked.mask_row(source),
        "source_from": source_from,
        "explained": [explain_reason(contract, query.registry, each, where, language) for each in reasons],
        "acts": _acts_of(query, place, row["dataset"]),
        "corrections": [_mask_correction(each, masked) for each in corrections],
    }


def _mask_correction(correction: dict[str, Any], masked: MaskedFields) -> dict[str, Any]:
    hidden = masked.hides(correction["field"])
    return {**correction, **{name: MASK for name in ("old", "new") if hidden and correction[name]}}


_MOST_PIECES = 20


def _dataset_of(query: QuarantineQuery, place: RowId) -> tuple[str, ...]:
    rows = query.ledger.scan(receipts_table.TABLE).filter(pl.col("id") == place.receipt)
    return tuple(rows.select("dataset").unique().collect(engine="streaming")["dataset"])


def _source_row(query: QuarantineQuery, contract: Contract, row: dict[str, Any]) -> tuple[SourceRow, str]:
    """The row as it was sent, or what the quarantine kept of it if its bytes are gone."""
    for part in _parts(contract, row["_part"]):
        try:
            return read_source_row(query.lake, row["read_receipt"], row["_row"], part), "landing"
        except CitylakeError as error:
            if error.code not in _SOURCE_FAULTS:
                raise
    return json.loads(row["raw"]), "quarantine"


def _parts(contract: Contract, part: str) -> Iterator[str]:
    """The part of the file in which the row stands: reshaping has added the cell's column to it."""
    yield part
    while contract.reshape and part:
        part = part.rpartition("/")[0]
        yield part


def _concerns(correction: dict[str, Any], source: SourceRow) -> bool:
    """Whether a correction is the row's, or one of a value that the row has, or of a pattern."""
    if correction["scope"] == "row" or correction["match"] == "pattern":
        return True
    return correction["field"] in source and source[correction["field"]] == correction["old"]


def _at(place: RowId, dataset: str) -> pl.Expr:
    part = pl.col("_part").fill_null("") == place.part
    return (pl.col("dataset") == dataset) & (pl.col("_receipt") == place.receipt) & (pl.col("_row") == place.row) & part


def _acts_of(query: QuarantineQuery, place: RowId, dataset: str) -> list[dict[str, Any]]:
    rows = query.ledger.scan(row_acts_table.TABLE).filter(_at(place, dataset)).select("act_id", "decision", "sequence")
    acts = query.ledger.scan(acts_table.TABLE).select("act_id", "act", "recorded_at", "user", "via", "why")
    both = rows.join(acts.unique("act_id", keep="any"), on="act_id").sort("sequence").drop("sequence")
    return both.collect(engine="streaming").to_dicts()


def _corrections_of(query: QuarantineQuery, place: RowId, dataset: str) -> list[dict[str, Any]]:
    """The corrections of this row, and those of values, oldest first."""
    rows = query.ledger.scan(corrections_table.TABLE)
    mine = _at(place, dataset) | ((pl.col("dataset") == dataset) & (pl.col("scope") == "value"))
    kept = ("scope", "field", "match", "old", "new", "active", "user", "why", "recorded_at")
    return rows.filter(mine).sort("sequence").select(kept).collect(engine="streaming").to_dicts()
