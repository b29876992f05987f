"""Builds and publications of marts as the ledger has them: which one was in force at a time, and what it read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, publications_table
from citylake.pipelines.records import DataGap
from citylake.schemas.words.errors import CitylakeError

_BUILT = ("published", "unchanged", "held")
"""Outcomes after which a mart's curated tables are as its inputs were: a version that was held was built, too."""


@dataclass(frozen=True, slots=True)
class PastBuild:
    """One build of a mart. ``number``: its place in the ledger."""

    mart: str
    number: int
    status: str
    version: str | None
    at: datetime
    versions: Mapping[str, int]
    """Delta version of each standard table, links of entities and table of another mart that it read; -1: none yet."""
    tables: Mapping[str, int]
    """Rows by table."""
    tables_hash: str
    revision: str
    """The revision of the declarations; empty if none is on record."""
    gaps: tuple[DataGap, ...]
    waiting: frozenset[date]
    """Days that were not built because they waited for a department."""


def past_builds(ledger: Ledger, mart: str) -> list[PastBuild]:
    """Return every build of a mart, oldest first. One that changed nothing has the revision of the one before it."""
    rows = ledger.read(publications_table.TABLE).filter(
        pl.col("mart") == mart, pl.col("status").is_in(_BUILT), pl.col("versions").is_not_null()
    )
    return list(_with_revisions(rows.iter_rows(named=True)))


def _with_revisions(rows: Iterator[dict[str, Any]]) -> Iterator[PastBuild]:
    known: dict[str, str] = {}
    for row in rows:
        revision = row["revision"] or known.get(row["tables_hash"], "")
        known[row["tables_hash"]] = revision
        yield _parse(row, revision)


def _parse(row: Mapping[str, Any], revision: str) -> PastBuild:
    gaps = (_gap(each) for each in json.loads(row["incomplete"] or "[]"))
    return PastBuild(
        row["mart"],
        row["sequence"],
        row["status"],
        row["version"],
        row["published_at"] or row["recorded_at"],
        json.loads(row["versions"]),
        json.loads(row["tables"] or "{}"),
        row["tables_hash"] or "",
        revision,
        tuple(gaps),
        frozenset(_waiting_days(json.loads(row["problems"] or "[]"))),
    )


def _gap(found: Mapping[str, Any]) -> DataGap:
    spans = ((date.fromisoformat(first), date.fromisoformat(last)) for first, last in found["days"])
    return DataGap(found["dataset"], found["department"], tuple(spans))


def _waiting_days(problems: list[dict[str, Any]]) -> Iterator[date]:
    for problem in problems:
        if problem["code"] == "MART_WAITS":
            yield from (date.fromisoformat(day) for day in problem["values"]["days"].split(", "))


def publication_at(ledger: Ledger, builds: list[PastBuild], mart: str, at: datetime) -> PastBuild:
    """Return the version that readers opened at ``at``, also if it was current again after a rollback.

    Raises REBUILD_NOT_PUBLISHED.
    """
    moves = ledger.read(publications_table.TABLE).filter(
        pl.col("mart") == mart, pl.col("status").is_in(publications_table.MADE_CURRENT)
    )
    then = moves.filter(pl.col("published_at") <= at.astimezone(UTC))
    if then.is_empty():
        first = moves["published_at"].min()
        shown = first.astimezone(at.tzinfo).isoformat() if isinstance(first, datetime) else "—"
        raise CitylakeError("REBUILD_NOT_PUBLISHED", mart=mart, at=at.isoformat(), first=shown)
    version = then["version"][-1]
    return [each for each in builds if each.status == "published" and each.version == version][-1]


def builds_behind(builds: list[PastBuild], last: PastBuild) -> list[PastBuild]:
    """Return ``last`` and the earlier builds that made the rows of days which waited at ``last``, oldest first."""
    found, waiting = [last], last.waiting
    for each in reversed([each for each in builds if each.number < last.number]):
        if not waiting:
            break
        found.append(each)
        waiting &= each.waiting
    return found[::-1]
