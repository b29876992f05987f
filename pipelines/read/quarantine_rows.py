"""Reads the quarantine: raw rows with the messages of their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.refused_records import reason_message_values
from citylake.pipelines.read.quarantine_frame import scan_quarantine
from citylake.schemas.model.code_index import CodeEntry, code_entries, suggest_codes
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types, render_issue, translate_key, translations_of


def quarantined_receipts(lake: Lake, dataset: str) -> frozenset[str]:
    """Return the receipts with open quarantined rows. Their bytes and raw text are needed to replay them."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None:
        return frozenset()
    found = rows.filter(pl.col("state") == "open").select(pl.col("_receipt").unique()).collect(engine="streaming")
    return frozenset(found["_receipt"])


def read_quarantine(lake: Lake, contract: Contract, registry: Registry, limit: int | None = None) -> dict[str, Any]:
    """Return the quarantine of a dataset, ready for JSON: ``total`` rows, and ``rows``, oldest first, up to ``limit``.

    Both count standard rows of which values were refused, too; ``with_values`` is their number.
    A reason CODE_UNKNOWN has ``suggestions``: the codes whose names are most similar to the value.
    """
    found: dict[str, Any] = {"dataset": contract.dataset, "total": 0, "with_values": 0, "rows": []}
    table = scan_quarantine(lake, contract.dataset)
    if table is None:
        return found
    counted = table.select(pl.len().alias("total"), pl.col("refused").is_not_null().sum().alias("with_values"))
    found |= counted.collect(engine="streaming").row(0, named=True)
    order = ("quarantined_at", "_receipt", "_part", "_row")
    rows = table.sort(order) if limit is None else table.bottom_k(limit, by=order).sort(order)
    steward = _ReasonReader(contract, registry)
    found["rows"] = [_quarantine_row(steward, row) for row in rows.collect().iter_rows(named=True)]
    return found


def _quarantine_row(steward: _ReasonReader, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "batch": row["_batch"],
        "receipt": row["_receipt"],
        "source": row["_source"],
        "part": row["_part"],
        "row": row["_row"],
        "state": row["state"],
        "quarantined_at": row["quarantined_at"].isoformat(),
        "refused": row["refused"],
        "raw": json.loads(row["raw"]),
        "reasons": [steward.reason(reason, {"file": row["_source"], "row": row["_row"]}) for reason in row["reasons"]],
    }


class _ReasonReader:
    """Adds messages and suggestions to the reasons of a dataset's quarantined rows."""

    def __init__(self, contract: Contract, registry: Registry) -> None:
        self.contract, self.registry = contract, registry
        self._known: dict[str, list[CodeEntry]] = {}

    def reason(self, reason: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
        """Return a reason with its message in both languages, and suggested codes."""
        described = {
            **reason,
            "text": {language: reason_sentence(self.contract, reason, place, language) for language in ("zh", "en")},
        }
        if reason["code"] == "CODE_UNKNOWN" and reason["value"]:
            near = suggest_codes(reason["value"], self._entries(reason["detail"]))
            described["suggestions"] = near
            for language in described["text"] if near else ():
                described["text"][language] += translate_key("run.perhaps", language, codes=", ".join(near))
        return described

    def _entries(self, code_list: str) -> list[CodeEntry]:
        if code_list not in self._known:
            codes = self.registry.codes.get(code_list)
            self._known[code_list] = code_entries(codes) if codes else []
        return self._known[code_list]


def reason_sentence(contract: Contract, reason: Mapping[str, Any], place: Mapping[str, Any], language: str) -> str:
    """Return the message of one reason: the contract's text for its own rules, else the one of the issue type.

    ``place``: ``file`` and ``row`` of the quarantined row.
    """
    own = next((rule for rule in contract.rules if rule.issue == reason["code"]), None)
    if own and own.text:
        value = reason["value"] or ""
        return f"{own.text.say(language)} ({value})" if value else own.text.say(language)
    if reason["code"] in issue_types():
        kind = translations_of(f"types.{reason['detail']}") if reason["code"] == "VALUE_UNREADABLE" else None
        values = {**place, **reason, **reason_message_values(reason)}
        values |= {"detail": kind.say(language)} if kind else {}
        return render_issue(reason["code"], {name: value or "" for name, value in values.items()}, language)
    return f"{reason['code']} ({reason['value'] or reason['detail'] or ''})"
