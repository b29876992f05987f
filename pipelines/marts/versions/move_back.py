"""Makes another version of a mart current again: verifies its file, then moves the pointer and the stable name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.digests.file_digest import digest_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish import mart_leases
from citylake.pipelines.marts.publish.attach_files import write_attach_files
from citylake.pipelines.marts.publish.mart_permissions import restrict_folders, share_file, share_version
from citylake.pipelines.marts.publish.mart_pointer import (
    BuiltContent,
    Pointer,
    Rollback,
    move_pointer,
    read_pointer,
    see_pointer,
    version_time,
)
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock
from citylake.pipelines.marts.publish.stable_name import name_current_file
from citylake.pipelines.marts.versions.choose_version import choose_version, earlier_version
from citylake.pipelines.marts.versions.ledger_versions import published_row
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.records import DataGap
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class Decision:
    """Who wants another version, and why; ``act_id``: of the act that records it."""

    user: str
    via: Any
    why: str


def move_back(context: RunContext, mart: Mart, to: str | None, decision: Decision) -> Pointer:
    """Move the pointer to the version ``to`` (its digits or the first of them; None: the one before the current one).

    Returns the new pointer, which tells of the rollback; nothing is recorded yet. Raises MART_NOT_PUBLISHED,
    MART_VERSION_UNKNOWN, MART_VERSION_AMBIGUOUS, ROLLBACK_CURRENT, ROLLBACK_NONE_EARLIER, MART_VERSION_GONE,
    ROLLBACK_UNVERIFIED, MART_VERSION_DAMAGED, and ROLLBACK_OVERTAKEN if the pointer was moved meanwhile.
    """
    lake, name = context.lake, mart.mart
    before = read_pointer(lake, name)
    if before is None:
        raise CitylakeError("MART_NOT_PUBLISHED", mart=name, lake=lake.url)
    version = choose_version(context.ledger, name, to) if to else earlier_version(context.ledger, before)
    if version == before.version:
        raise CitylakeError("ROLLBACK_CURRENT", mart=name, version=version)
    with _leased(lake, name, version):
        _verify_file(context.ledger, name, version)
        restrict_folders(lake, mart, context.registry)
        wanted = _pointer(context, mart, before, version, decision)
        path = f"{lake.mart(name)}/{wanted.file}"
        share_file(lake, mart, context.registry, path, fixed=True)
        with pointer_lock(lake, name):
            now, seen = see_pointer(lake, name)
            if now != before:
                raise _overtaken(lake, name)
            if not lake.fs.exists(path):
                raise _gone(context.ledger, name, version)
            if not move_pointer(lake, wanted, seen):
                raise _overtaken(lake, name)
            name_current_file(lake, name, wanted.file)
        share_version(lake, mart, context.registry, version)
    write_attach_files(lake, context.registry)
    return wanted


@contextmanager
def _leased(lake: Lake, mart: str, version: str) -> Iterator[None]:
    """Keep upkeep from deleting the version while it is verified."""
    lease = mart_leases.acquire_lease(lake, mart, version)
    try:
        yield
    finally:
        if lease:
            mart_leases.release_lease(lake, lease, os.getpid())


def _verify_file(ledger: Ledger, mart: str, version: str) -> None:
    lake, place = ledger.lake, f"marts/{mart}"
    file = published_files(lake, mart).get(version)
    if file is None:
        raise _gone(ledger, mart, version)
    told = ledger.recorded_digests(place).get(f"{place}/{file.path}")
    if told is None:
        raise CitylakeError("ROLLBACK_UNVERIFIED", mart=mart, version=version)
    found = digest_file(lake, lake.path(place, file.path))
    if found != told:
        values = {"file": f"{place}/{file.path}", "found": found.short, "recorded": told.short}
        raise CitylakeError("MART_VERSION_DAMAGED", mart=mart, version=version, **values)


def _overtaken(lake: Lake, mart: str) -> CitylakeError:
    now = read_pointer(lake, mart)
    return CitylakeError("ROLLBACK_OVERTAKEN", mart=mart, version=now.version if now else "—")


def _gone(ledger: Ledger, mart: str, version: str) -> CitylakeError:
    there = ", ".join(reversed(published_files(ledger.lake, mart))) or "—"
    # The whole second after the ledger says that it was published: it was current then.
    published = (published_row(ledger, mart, version) or {}).get("published_at") or version_time(version)
    at = f"{published.astimezone(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    return CitylakeError("MART_VERSION_GONE", mart=mart, version=version, there=there, at=at)


def _pointer(context: RunContext, mart: Mart, before: Pointer, version: str, decision: Decision) -> Pointer:
    row = published_row(context.ledger, mart.mart, version) or {}
    settings = context.registry.workspace.settings
    content = next((each for each in _contents(before) if each.version == version), BuiltContent("", {}))
    return Pointer(
        mart.mart,
        version,
        f"{mart.mart}-{version}.duckdb",
        before.timezone,
        row["published_at"].isoformat(),
        row["tables_hash"],
        # Known only of a version that was rolled back. Without it, the next publication takes no rows from this file.
        content.tables,
        json.loads(row["tables"]),
        _gaps(row["incomplete"]),
        {},
        settings.accesses,
        before.personal or mart.highest.personal != "none",
        mart.readers,
        content.said,
        _rollback(before, version, decision),
    )


def _rollback(before: Pointer, version: str, decision: Decision) -> Rollback:
    at = datetime.now(UTC)
    act_id = f"rollback-{before.mart}-{version}-{at:%Y%m%dT%H%M%S%fZ}"
    refused = tuple(each for each in _contents(before) if each.version != version)
    return Rollback(act_id, decision.user, decision.via, decision.why, at.isoformat(), before.version, refused)


def _contents(before: Pointer) -> tuple[BuiltContent, ...]:
    """What was rolled back until now, and what is rolled back with ``before``."""
    earlier = before.rolled_back.refused if before.rolled_back else ()
    if not before.tables:
        return earlier
    return (*earlier, BuiltContent(before.fingerprint, dict(before.tables), before.said, before.version))


def _gaps(text: str | None) -> tuple[DataGap, ...]:
    def day(value: str) -> date:
        return date.fromisoformat(value)

    return tuple(
        DataGap(gap["dataset"], gap["department"], tuple((day(first), day(last)) for first, last in gap["days"]))
        for gap in json.loads(text or "[]")
    )
