"""Publishing a mart: a new file, judged, and then the pointer. Readers of the old file are not disturbed."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime

from pipelines.build.engine import ROOM, Engine, lent, literal
from pipelines.build.step import Built
from pipelines.lake import Lake
from pipelines.publish import pointer
from pipelines.publish.checks import judge
from pipelines.publish.contents import describe, fill
from pipelines.publish.earlier import Earlier, earlier
from pipelines.publish.pointer import Pointer
from pipelines.records import Publication
from quality.check import Check
from schemas.mart import Mart
from schemas.registry import Registry


def publish(built: Built, registry: Registry, lake: Lake, *, engine: Engine | None = None) -> Publication:
    """Publish the curated tables as they stand, unless readers have just these.

    ``held``: a check failed; the pointer still names the version before, and the file that failed is not kept.
    Raises MART_CHECK_UNREADABLE.
    """
    start = time.perf_counter()
    mart = registry.marts[built.mart]
    before = pointer.read(lake, mart.mart)
    if before and before.fingerprint == built.fingerprint and before.tables == built.tables:
        path = f"{lake.mart(mart.mart)}/{before.file}"
        unchanged = Publication(mart.mart, "unchanged", before.version, path, before.rows, built.days)
        return _timed(unchanged, start)
    with lent(engine, lake, registry.workspace.settings.timezone) as made_in:
        return _timed(_new(built, mart, registry, lake, earlier(lake, mart, built, before), made_in), start)


def _new(
    built: Built, mart: Mart, registry: Registry, lake: Lake, before: Earlier | None, engine: Engine
) -> Publication:
    now = datetime.now(UTC)
    lake.makedirs(lake.mart(mart.mart))
    version = pointer.next_version(lake, mart.mart, now)
    file = f"{mart.mart}-{version}.duckdb"
    path = f"{lake.mart(mart.mart)}/{file}"
    # In the lake's own folder, so that the finished file is renamed and not copied.
    with tempfile.TemporaryDirectory(prefix=".making-", dir=lake.mart(mart.mart) if lake.local else None) as folder:
        part = os.path.join(folder, file)
        rows, checks = _made(part, built, mart, registry, lake, before, version, now, engine)
        problems = tuple(check.problem for check in checks if check.problem)
        if problems:
            return Publication(mart.mart, "held", None, None, rows, built.days, checks=checks, problems=problems)
        _keep(lake, part, path)
    timezone = registry.workspace.settings.timezone
    kept = dict(built.tables)
    moved = Pointer(mart.mart, version, file, timezone, now.isoformat(), built.fingerprint, kept, rows, built.gaps)
    pointer.move(lake, moved)
    return Publication(mart.mart, "published", version, path, rows, built.days, checks=checks, gaps=built.gaps)


def _made(
    part: str,
    built: Built,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    before: Earlier | None,
    version: str,
    now: datetime,
    engine: Engine,
) -> tuple[dict[str, int], tuple[Check, ...]]:
    with engine.room() as connection:
        connection.execute(f"ATTACH {literal(part)} AS out")
        rows = fill(connection, mart, registry, lake, before)
        describe(connection, mart, built, version, now)
        connection.execute("COMMIT; USE out")
        checks = tuple(judge(connection, mart))
        connection.execute(f"USE {ROOM}; CHECKPOINT out; DETACH out")
    return rows, checks


def _keep(lake: Lake, part: str, path: str) -> None:
    if lake.local:
        os.chmod(part, 0o444)
        os.replace(part, path)
    else:
        lake.fs.put_file(part, path)


def _timed(publication: Publication, start: float) -> Publication:
    return replace(publication, seconds=time.perf_counter() - start)
