"""Why a version of a mart was published: what differs from the version before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from citylake.schemas.words.message_catalogue import issue_types, render_issue

LANGUAGES = ("zh", "en")


def version_reason(row: Mapping[str, Any], before: Mapping[str, Any] | None, acts: pl.DataFrame) -> dict[str, Any]:
    """Return ``first``, ``declarations`` (whether they changed), ``inputs`` (tables with other rows), ``days`` (by
    table; None: the whole table) and ``acts`` (ids of the decisions since then about these inputs or this version).

    ``row``, ``before``: rows of ``publications``; ``acts``: the ledger's table.
    """
    inputs = json.loads(row["versions"] or "{}")
    earlier = json.loads(before["versions"] or "{}") if before else {}
    days = json.loads(row["days"] or "{}")
    return {
        "first": before is None,
        "declarations": before is not None and before["tables_hash"] != row["tables_hash"],
        "inputs": sorted(name for name, version in inputs.items() if before and earlier.get(name) != version),
        "days": {table: found for table, found in days.items() if found is None or found},
        "acts": _acts(row, inputs, acts, before["recorded_at"] if before else None),
    }


def _acts(row: Mapping[str, Any], inputs: Mapping[str, int], acts: pl.DataFrame, since: datetime | None) -> list[str]:
    mine = pl.col("act_id") == f"publish-{row['mart']}-{row['version']}"
    of_inputs = pl.col("dataset").is_in(list(inputs)) & (pl.col("recorded_at") <= row["recorded_at"])
    if since is not None:
        of_inputs &= pl.col("recorded_at") > since
    return acts.filter(mine | of_inputs)["act_id"].unique(maintain_order=True).to_list()


def problem_texts(text: str | None) -> list[dict[str, Any]]:
    """Return problems that the ledger has as JSON: code, and text in both languages; unknown codes are left out."""
    known = issue_types()
    return [
        {"code": each["code"], "text": {lang: render_issue(each["code"], each["values"], lang) for lang in LANGUAGES}}
        for each in json.loads(text or "[]")
        if each["code"] in known
    ]
