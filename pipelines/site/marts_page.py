"""The page of all marts: the published version, and the last attempts to publish."""

from __future__ import annotations

from typing import Any

import polars as pl

from citylake.pipelines.flow.run_document import gap_json
from citylake.pipelines.lake.ledger import publications_table
from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.site import ledger_entries, mart_days
from citylake.pipelines.site.page_request import PageRequest

MAX_VERSIONS_SHOWN = 20


def mart_entries(request: PageRequest) -> list[dict[str, Any]]:
    """Return each mart's last attempt and published version; declared marts first, then those only in the ledger."""
    ledger = request.ledger
    last = {entry["mart"]: entry for entry in ledger.status()["marts"]}
    latest = ledger.latest_rows(publications_table.TABLE).to_dicts()
    told = {(row["mart"], row["recorded_at"].isoformat()): row for row in latest}
    found = []
    for name in [*sorted(request.registry.marts), *sorted(last.keys() - request.registry.marts.keys())]:
        entry = last.get(name, {"mart": name, "status": "never", "recorded_at": None, "version": None, "path": None})
        row = told.get((name, entry["recorded_at"]))
        said = ledger_entries.publication_entry(row) if row else {"problems": [], "run": None}
        kept = {"problems": said["problems"], "run": said["run"]}
        found.append({**request.mart_head(name), **entry, **kept, **_current_version(request, name)})
    return found


def marts_document(request: PageRequest) -> dict[str, Any]:
    """Return the marts with the state of their days, and their last attempts, newest first.

    Attempts that found nothing new are left out.
    """
    found = [
        {
            **mart,
            "days": mart_days.mart_days(request, mart["mart"], mart["status"]),
            "versions": mart_versions(request, mart["mart"]),
        }
        for mart in mart_entries(request)
    ]
    return {"lake": request.lake.url, "at": request.now.isoformat(), "marts": found}


def mart_versions(request: PageRequest, mart: str) -> list[dict[str, Any]]:
    """Return the last attempts to publish a mart, newest first, without those that found nothing new."""
    chosen = (pl.col("mart") == mart) & (pl.col("status") != "unchanged")
    return [
        ledger_entries.publication_entry(row)
        for row in ledger_entries.newest_entries(request.ledger, publications_table.TABLE, chosen, MAX_VERSIONS_SHOWN)
    ]


def _current_version(request: PageRequest, mart: str) -> dict[str, Any]:
    """Return the published version from the mart's pointer: version, time, rows by table, and incomplete days."""
    current = mart_pointer.read_pointer(request.lake, mart)
    if current is None:
        return {"version": None, "published_at": None, "rows": {}, "incomplete": []}
    return {
        "version": current.version,
        "published_at": current.published_at,
        "rows": dict(current.rows),
        "incomplete": [gap_json(gap) for gap in current.incomplete],
    }
