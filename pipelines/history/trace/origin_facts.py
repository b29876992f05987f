"""What the ledger knows of standard rows: their receipts, their batches, and what people changed or decided."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import (
    Ledger,
    acts_table,
    batches_table,
    corrections_applied_table,
    corrections_table,
    receipts_table,
    row_acts_table,
)
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry

_RECEIPT = ("id", "source", "name", "requested_at", "received_at", "sha256", "size_bytes", "landing")
_CORRECTION = ("act_id", "scope", "_receipt", "_part", "_row", "field", "match", "old", "new", "active")
_PERSON = ("user", "why", "recorded_at")


@dataclass(frozen=True, slots=True)
class OriginFacts:
    """Of the rows of one dataset."""

    receipts: tuple[dict[str, Any], ...]
    """``id``, ``source``, ``name``, ``requested_at``, ``received_at``, ``sha256``, ``size_bytes``, ``landing``."""
    batches: tuple[dict[str, Any], ...]
    """``batch``, ``committed_at``, ``fingerprint``, ``as_declared`` (whether the contract is the same now), and
    ``applied``: the acts that its reading knew and that changed rows, with ``rows``, ``act``, ``user``, ``why``.
    """
    corrections: tuple[dict[str, Any], ...]
    """Corrections of single rows, and of values that the batches applied."""
    row_acts: tuple[dict[str, Any], ...]
    """Decisions about single rows, oldest first."""

    def corrections_of(self, row: Mapping[str, Any], raw: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """The corrections of one standard row; ``raw``: its fields as the source sent them."""
        return [each for each in self.corrections if _concerns(each, row, raw)]

    def acts_of(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The decisions about one standard row."""
        return [each for each in self.row_acts if (each["_receipt"], each["_row"]) == (row["_receipt"], row["_row"])]


def find_origin_facts(ledger: Ledger, registry: Registry, contract: Contract, rows: pl.DataFrame) -> OriginFacts:
    """Return what the ledger knows of ``rows`` of a standard table."""
    receipts, batches = (_distinct(rows, name) for name in ("_receipt", "_batch"))
    applied = _applied(ledger, contract.dataset, batches)
    acts = {each["act_id"] for each in applied}
    return OriginFacts(
        tuple(_receipts(ledger, receipts)),
        tuple(_batches(ledger, registry, contract, batches, applied)),
        tuple(_corrections(ledger, contract.dataset, receipts, acts)),
        tuple(_row_acts(ledger, contract.dataset, receipts)),
    )


def _distinct(rows: pl.DataFrame, name: str) -> list[str]:
    return rows[name].drop_nulls().unique().sort().to_list() if name in rows.columns else []


def _receipts(ledger: Ledger, ids: Collection[str]) -> list[dict[str, Any]]:
    found = ledger.scan(receipts_table.TABLE).filter(pl.col("id").is_in(list(ids))).select(*_RECEIPT, "sequence")
    last = found.sort("sequence").unique("id", keep="last", maintain_order=True).drop("sequence").sort("id")
    return last.collect(engine="streaming").to_dicts()


def _batches(
    ledger: Ledger, registry: Registry, contract: Contract, names: Collection[str], applied: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    chosen = pl.col("batch").is_in(list(names)) & (pl.col("status") == "committed")
    found = ledger.scan(batches_table.TABLE).filter(chosen).select("batch", "committed_at", "fingerprint", "sequence")
    last = found.sort("sequence").unique("batch", keep="last", maintain_order=True).drop("sequence")
    now, known = contract_fingerprint(contract, registry), list(applied)
    return [
        {
            **row,
            "as_declared": row["fingerprint"] == now,
            "applied": [each for each in known if each["batch"] == row["batch"] and each["rows"]],
        }
        for row in last.collect(engine="streaming").to_dicts()
    ]


def _applied(ledger: Ledger, dataset: str, batches: Collection[str]) -> list[dict[str, Any]]:
    chosen = (pl.col("dataset") == dataset) & pl.col("batch").is_in(list(batches))
    rows = ledger.scan(corrections_applied_table.TABLE).filter(chosen).select("batch", "act_id", "rows", "sequence")
    acts = ledger.scan(acts_table.TABLE).select("act_id", "act", *_PERSON).unique("act_id", keep="any")
    both = rows.join(acts, on="act_id", how="left").sort("sequence").drop("sequence")
    return both.collect(engine="streaming").to_dicts()


def _corrections(
    ledger: Ledger, dataset: str, receipts: Collection[str], acts: Collection[str]
) -> list[dict[str, Any]]:
    """The last correction of each place and value, if it is in force and a reading knew it."""
    rows = ledger.scan(corrections_table.TABLE).filter(pl.col("dataset") == dataset, pl.col("act_id").is_in(list(acts)))
    mine = (pl.col("scope") == "value") | pl.col("_receipt").is_in(list(receipts))
    place = ("scope", "_receipt", "_part", "_row", "field", "match", "old")
    last = rows.filter(mine).sort("sequence").unique(place, keep="last", maintain_order=True)
    return last.filter("active").select(*_CORRECTION, *_PERSON).collect(engine="streaming").to_dicts()


def _row_acts(ledger: Ledger, dataset: str, receipts: Collection[str]) -> list[dict[str, Any]]:
    chosen = (pl.col("dataset") == dataset) & pl.col("_receipt").is_in(list(receipts))
    rows = ledger.scan(row_acts_table.TABLE).filter(chosen)
    rows = rows.select("act_id", "_receipt", "_part", "_row", "decision", "sequence")
    acts = ledger.scan(acts_table.TABLE).select("act_id", "act", *_PERSON).unique("act_id", keep="any")
    return rows.join(acts, on="act_id").sort("sequence").drop("sequence").collect(engine="streaming").to_dicts()


def _concerns(correction: Mapping[str, Any], row: Mapping[str, Any], raw: Mapping[str, str | None]) -> bool:
    if correction["scope"] == "row":
        return bool((correction["_receipt"], correction["_row"]) == (row["_receipt"], row["_row"]))
    field = correction["field"]
    if field not in raw:
        return False
    if correction["match"] == "pattern":
        return raw[field] is not None and re.fullmatch(correction["old"], str(raw[field])) is not None
    return bool(raw[field] == correction["old"])
