"""Every version of a mart that was ever published, what became of it, and what one version consists of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, acts_table, batches_table, checks_table, removals_table
from citylake.pipelines.marts.publish.mart_leases import leased_versions
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.versions.ledger_versions import publication_rows
from citylake.pipelines.marts.versions.mart_documents import attempt_document
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.marts.versions.version_reason import version_reason

Document = dict[str, Any]


def version_documents(lake: Lake, ledger: Ledger, mart: str) -> list[Document]:
    """Return the versions, newest first, and among them the attempts that were held (``version`` is null).

    ``status``: ``current``, ``kept``, ``removed`` (when and by which setting: ``removed_at``, ``retention_days``),
    ``lost`` (the file is gone and nothing says why) or ``held``. ``rolled_back``: the acts that left the version;
    ``restored``: those that came back to it.
    """
    acts, rows = ledger.read(acts_table.TABLE), publication_rows(ledger, mart, "published", "held")
    pointer, files = read_pointer(lake, mart), published_files(lake, mart)
    marks = {
        "current": pointer.version if pointer else None,
        "files": files,
        "open": leased_versions(lake, mart),
        "pinned": pinned_versions(ledger, mart),
        "removed": _removals(ledger, mart),
        "rollbacks": _rollbacks(acts, mart),
    }
    found, before = [], None
    for row in rows.iter_rows(named=True):
        if row["status"] == "held":
            found.append({"version": None, "status": "held", **attempt_document(row)})
            continue
        found.append(_version(row, before, acts, marks))
        before = row
    return found[::-1]


def _version(row: Mapping[str, Any], before: Any, acts: pl.DataFrame, marks: Mapping[str, Any]) -> Document:
    version = row["version"]
    file, removed = marks["files"].get(version), marks["removed"].get(version)
    pin, rollbacks = marks["pinned"].get(version), marks["rollbacks"]
    return {
        "version": version,
        "status": _status(version, marks),
        "at": row["published_at"].isoformat(),
        "run": row["run"],
        "rows": json.loads(row["tables"] or "{}"),
        "size_bytes": file.size if file else (removed or {}).get("size_bytes"),
        "open": version in marks["open"],
        "pinned": {"user": pin.user, "at": pin.at.isoformat(), "why": pin.why} if pin else None,
        "removed_at": removed["recorded_at"].isoformat() if removed else None,
        "retention_days": removed["retention_days"] if removed else None,
        "rolled_back": [act for act in rollbacks if act["from_version"] == version],
        "restored": [act for act in rollbacks if act["version"] == version],
        "reason": version_reason(row, before, acts),
    }


def _status(version: str, marks: Mapping[str, Any]) -> str:
    if version == marks["current"]:
        return "current"
    if version in marks["files"]:
        return "kept"
    return "removed" if version in marks["removed"] else "lost"


def _removals(ledger: Ledger, mart: str) -> dict[str, Document]:
    rows = ledger.read(removals_table.TABLE).filter(pl.col("zone") == "marts", pl.col("subject") == mart)
    return {row["name"]: row for row in rows.iter_rows(named=True)}


def _rollbacks(acts: pl.DataFrame, mart: str) -> list[Document]:
    rows = acts.filter(pl.col("act") == "roll_back_mart", pl.col("dataset") == f"mart.{mart}")
    return [
        {"user": row["user"], "at": row["recorded_at"].isoformat(), "why": row["why"], **json.loads(row["details"])}
        for row in rows.iter_rows(named=True)
    ]


def version_checks(ledger: Ledger, mart: str, version: str) -> list[Document]:
    """Return the checks that a version had before it was published."""
    rows = ledger.read(checks_table.TABLE).filter(pl.col("subject") == f"mart.{mart}", pl.col("batch") == version)
    names = ("name", "passed", "severity", "observed", "expected")
    return rows.select(names).to_dicts()


def input_documents(ledger: Ledger, inputs: Mapping[str, int]) -> list[Document]:
    """Return each table that a version read: its Delta version, and when its last batch up to that was committed."""
    batches = ledger.read(batches_table.TABLE).filter(pl.col("status") == "committed")
    found = []
    for name, version in sorted(inputs.items()):
        rows = batches.filter(pl.col("dataset") == name, pl.col("table_version") <= version)
        times = [at for at in rows["committed_at"].to_list() if at is not None]
        at = max(times).isoformat() if times else None
        found.append({"table": name, "version": version, "committed_at": at})
    return found
