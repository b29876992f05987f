"""The published versions of a mart, and the one that a person means by a version, a time, or a word."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, publications_table
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.schemas.words.errors import CitylakeError

CURRENT, PREVIOUS = "current", "previous"
_LISTED = 6


@dataclass(frozen=True, slots=True)
class MartVersion:
    """One published version, as the ledger has it."""

    mart: str
    version: str
    published_at: datetime
    versions: Mapping[str, int]
    """Table that was read → Delta version; -1: there was none yet."""
    fingerprint: str
    """Hash of the declarations and the SQL."""
    revision: str | None
    """The declarations in force; None if they are not on record."""
    place: int
    """Its place among the mart's versions, from 0."""


def published_versions(ledger: Ledger, mart: str) -> list[MartVersion]:
    """The published versions of a mart, oldest first."""
    rows = ledger.read(publications_table.TABLE)
    rows = rows.filter(pl.col("mart") == mart, pl.col("status") == "published")
    return [
        MartVersion(
            mart,
            row["version"],
            row["published_at"],
            json.loads(row["versions"]),
            row["tables_hash"],
            row["revision"] or None,
            place,
        )
        for place, row in enumerate(rows.unique("version", keep="first", maintain_order=True).iter_rows(named=True))
    ]


def current_times(ledger: Ledger, mart: str) -> list[tuple[datetime, str]]:
    """When which version became current: published, or made current again by a rollback."""
    rows = ledger.read(publications_table.TABLE)
    rows = rows.filter(pl.col("mart") == mart, pl.col("status").is_in(publications_table.MADE_CURRENT))
    return list(rows.select("published_at", "version").iter_rows())


def choose_version(
    found: Sequence[MartVersion], times: Sequence[tuple[datetime, str]], pointer: Pointer, asked: str
) -> MartVersion:
    """The version that ``asked`` names: ``current``, ``previous``, a version, or the one that was current at a time.

    ``previous`` is the version that was published before the current one. A time without a zone is one of the
    workspace's; a day is its beginning. ``times``: of :func:`current_times`. Raises DIFF_VERSION_UNKNOWN and
    DIFF_VERSION_TOO_EARLY.
    """
    by_name = {each.version: each for each in found}
    if asked in by_name:
        return by_name[asked]
    if asked in (CURRENT, PREVIOUS):
        now = by_name.get(pointer.version)
        wanted = -1 if now is None else now.place - (asked == PREVIOUS)
        if wanted < 0:
            raise _unknown(found, pointer, asked)
        return found[wanted]
    at = _time(asked, ZoneInfo(pointer.timezone))
    if at is None:
        raise _unknown(found, pointer, asked)
    before = [version for since, version in times if since <= at]
    if not before:
        first = found[0].version if found else "—"
        raise CitylakeError("DIFF_VERSION_TOO_EARLY", mart=pointer.mart, asked=asked, first=first)
    return by_name[before[-1]]


def choose_both(ledger: Ledger, pointer: Pointer, before: str, after: str) -> tuple[MartVersion, ...]:
    """Both versions, the older one first. Raises what ``choose_version`` raises, and DIFF_VERSIONS_REVERSED."""
    found, times = published_versions(ledger, pointer.mart), current_times(ledger, pointer.mart)
    first, second = (choose_version(found, times, pointer, asked) for asked in (before, after))
    if first.place > second.place:
        raise CitylakeError("DIFF_VERSIONS_REVERSED", mart=pointer.mart, before=first.version, after=second.version)
    return first, second


def _unknown(found: Sequence[MartVersion], pointer: Pointer, asked: str) -> CitylakeError:
    known = ", ".join(each.version for each in found[-_LISTED:]) or "—"
    return CitylakeError("DIFF_VERSION_UNKNOWN", mart=pointer.mart, asked=asked, known=known)


def _time(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.combine(date.fromisoformat(text), time())
        except ValueError:
            return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
