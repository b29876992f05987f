"""Ledger table ``publications``: attempts to publish a mart, with the versions of the tables that were read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger.json_text import problems_to_json, to_json_text
from citylake.pipelines.records import Publication

TABLE = "publications"
MADE_CURRENT = ("published", "rolled_back")
"""Statuses after which another version is current: the last such row of a mart names the one that is."""
SCHEMA = pl.Schema(
    {
        "mart": pl.String(),
        "run": pl.String(),
        "status": pl.String(),
        "version": pl.String(),
        "path": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        # Null unless a version was published, or made current again by a rollback.
        "published_at": pl.Datetime("us", "UTC"),
        "tables": pl.String(),
        "days": pl.String(),
        "versions": pl.String(),
        "tables_hash": pl.String(),
        "incomplete": pl.String(),
        "problems": pl.String(),
        "seconds": pl.Float64(),
        # That of the declarations (``revisions``); empty if nothing was new, null in rows of earlier versions.
        "revision": pl.String(),
        "sequence": pl.Int64(),
    }
)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A published version of a mart."""

    mart: str
    version: str
    path: str
    published_at: datetime
    versions: Mapping[str, int]
    """Delta version of each table that it was built from."""
    tables_hash: str
    """Hash of the declarations and the SQL."""


def publication_row(
    publication: Publication,
    versions: Mapping[str, int],
    tables_hash: str,
    run: str,
    recorded_at: datetime,
    revision: str = "",
) -> dict[str, Any]:
    """Return a publication as a row."""
    return {
        "mart": publication.mart,
        "run": run,
        "status": publication.status,
        "version": publication.version,
        "path": publication.path,
        "recorded_at": recorded_at,
        "published_at": recorded_at if publication.status in MADE_CURRENT else None,
        "tables": to_json_text(dict(publication.tables)),
        "days": to_json_text({table: days if days is None else list(days) for table, days in publication.days.items()}),
        "versions": to_json_text(dict(versions)),
        "tables_hash": tables_hash,
        "incomplete": to_json_text([asdict(gap) for gap in publication.gaps]),
        "problems": problems_to_json(publication.problems),
        "seconds": publication.seconds,
        "revision": revision,
    }


def parse_published_version(entry: Mapping[str, Any]) -> PublishedVersion:
    """Return the version that a row of status ``published`` records."""
    values = {name: entry[name] for name in ("mart", "version", "path", "published_at", "tables_hash")}
    return PublishedVersion(**values, versions=json.loads(entry["versions"]))
