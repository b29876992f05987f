"""Reads the quarantine: raw rows with the messages of their reasons."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl

from citylake.pipelines.conform.held_rows import batch_reason_values
from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.quarantine_life import IS_CLOSED
from citylake.pipelines.parse.refused_records import reason_message_values
from citylake.pipelines.read.masked_fields import masked_fields
from citylake.schemas.model.code_index import CodeEntry, code_entries, suggest_codes
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types, render_issue, translate_key, translations_of


def quarantined_receipts(lake: Lake, dataset: str) -> frozenset[str]:
    """Return the receipts with rows that are refused or held. Their bytes and raw text are needed to replay them."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None:
        return frozenset()
    found = rows.filter(~IS_CLOSED).select(pl.col("_receipt").unique()).collect(engine="streaming")
    return frozenset(found["_receipt"])


def quarantine_row_reader(contract: Contract, registry: Registry) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what makes a row of the quarantine ready for JSON: messages of its reasons, and no masked values."""
    return partial(_quarantine_row, _ReasonReader(contract, registry))


def _quarantine_row(steward: _ReasonReader, row: Mapping[str, Any]) -> dict[str, Any]:
    raw = json.loads(row["raw"])
    return {
        "batch": row["_batch"],
        "receipt": row["_receipt"],
        "source": row["_source"],
        "part": row["_part"],
        "row": row["_row"],
        "state": row["state"],
        "quarantined_at": row["quarantined_at"].isoformat(),
        "refused": row["refused"],
        "raw": steward.masked.mask_row(raw),
        "reasons": [
            steward.reason(steward.masked.mask_reason(each, raw), {"file": row["_source"], "row": row["_row"]})
            for each in row["reasons"] or ()
        ],
    }


class _ReasonReader:
    """Adds messages and suggestions to the reasons of a dataset's quarantined rows."""

    def __init__(self, contract: Contract, registry: Registry) -> None:
        self.contract, self.registry = contract, registry
        self.masked = masked_fields(contract, registry)
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
        values = {**place, **reason, **reason_message_values(reason), **batch_reason_values(reason)}
        values |= {"detail": kind.say(language)} if kind else {}
        return render_issue(reason["code"], {name: value or "" for name, value in values.items()}, language)
    return f"{reason['code']} ({reason['value'] or reason['detail'] or ''})"
