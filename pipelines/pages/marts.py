"""Every mart: the version that readers have, and the attempts before it."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.document import gap_json
from pipelines.ledger import publications
from pipelines.pages import rows
from pipelines.pages.asked import Asked
from pipelines.publish import pointer

VERSIONS = 20


def marts(asked: Asked) -> list[dict[str, Any]]:
    """Each mart's last attempt, and the version to which its pointer points."""
    ledger = asked.ledger
    last = {entry["mart"]: entry for entry in ledger.status()["marts"]}
    told = {(row["mart"], row["at"].isoformat()): row for row in ledger.latest(publications.TABLE).to_dicts()}
    found = []
    for name in [*sorted(asked.registry.marts), *sorted(last.keys() - asked.registry.marts.keys())]:
        entry = last.get(name, {"mart": name, "status": "never", "at": None, "version": None, "path": None})
        row = told.get((name, entry["at"]))
        said = rows.publication(row) if row else {"problems": [], "run": None}
        kept = {"problems": said["problems"], "run": said["run"]}
        found.append({**asked.mart_head(name), **entry, **kept, **_current(asked, name)})
    return found


def versions(asked: Asked) -> dict[str, Any]:
    """The marts with their last attempts, the newest first; one that found nothing new is left out."""
    found = [{**mart, "versions": _versions(asked, mart["mart"])} for mart in marts(asked)]
    return {"lake": asked.lake.url, "at": asked.now.isoformat(), "marts": found}


def _versions(asked: Asked, mart: str) -> list[dict[str, Any]]:
    chosen = (pl.col("mart") == mart) & (pl.col("status") != "unchanged")
    return [rows.publication(row) for row in rows.newest(asked.ledger, publications.TABLE, chosen, VERSIONS)]


def _current(asked: Asked, mart: str) -> dict[str, Any]:
    """What readers have, by the pointer itself: version, time, rows by table, and days that are not complete."""
    current = pointer.read(asked.lake, mart)
    if current is None:
        return {"version": None, "published_at": None, "rows": {}, "incomplete": []}
    return {
        "version": current.version,
        "published_at": current.published_at,
        "rows": dict(current.rows),
        "incomplete": [gap_json(gap) for gap in current.incomplete],
    }
