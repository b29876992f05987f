"""Publishes a mart: writes a new file, checks it, then moves the pointer. Readers of the old file are not affected."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime

from citylake.pipelines.lake.delta_log import sync_versions
from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import ROOM, MartEngine, shared_engine, sql_literal
from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.marts.publish.mart_checks import run_mart_checks
from citylake.pipelines.marts.publish.mart_file import copy_curated_tables, write_mart_info
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.marts.publish.previous_version import PreviousVersion, curated_table_ids, find_previous_version
from citylake.pipelines.records import Publication
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


def publish_mart(built: MartBuild, registry: Registry, lake: Lake, *, engine: MartEngine | None = None) -> Publication:
    """Publish the curated tables, unless the published version has the same tables and declarations (``unchanged``).

    If a check fails, the status is ``held``: the pointer is not moved, and the new file is deleted. Raises
    MART_CHECK_UNREADABLE.
    """
    start = time.perf_counter()
    mart = registry.marts[built.mart]
    before = mart_pointer.read_pointer(lake, mart.mart)
    if before and before.fingerprint == built.fingerprint and before.tables == built.tables:
        path = f"{lake.mart(mart.mart)}/{before.file}"
        unchanged = Publication(mart.mart, "unchanged", before.version, path, before.rows, built.days)
        return _with_duration(unchanged, start)
    with shared_engine(engine, lake, registry.workspace.settings.timezone) as made_in:
        return _with_duration(
            _publish_new_version(
                built, mart, registry, lake, find_previous_version(lake, mart, built, before), made_in
            ),
            start,
        )


def _publish_new_version(
    built: MartBuild, mart: Mart, registry: Registry, lake: Lake, before: PreviousVersion | None, engine: MartEngine
) -> Publication:
    now = datetime.now(UTC)
    lake.makedirs(lake.mart(mart.mart))
    version = mart_pointer.next_version(lake, mart.mart, now)
    file = f"{mart.mart}-{version}.duckdb"
    path = f"{lake.mart(mart.mart)}/{file}"
    # In the mart's folder, so that the finished file is renamed and not copied.
    with tempfile.TemporaryDirectory(
        prefix=".making-", dir=lake.mart(mart.mart) if lake.local else engine.folder
    ) as folder:
        part = os.path.join(folder, file)
        rows, checks = _write_mart_file(part, built, mart, registry, lake, before, version, now, engine)
        problems = tuple(check.problem for check in checks if check.problem)
        if problems:
            return Publication(mart.mart, "held", None, None, rows, built.days, checks=checks, problems=problems)
        _keep(lake, part, path)
    timezone = registry.workspace.settings.timezone
    kept = dict(built.tables)
    ids = curated_table_ids(lake, mart.mart, kept)
    stated = (mart.mart, version, file, timezone, now.isoformat(), built.fingerprint)
    moved = Pointer(*stated, kept, rows, built.gaps, ids)
    for name in built.tables:
        # The pointer names their versions; a build that was killed may not have synced them.
        sync_versions(lake, lake.curated(mart.mart, name))
    mart_pointer.move_pointer(lake, moved)
    return Publication(mart.mart, "published", version, path, rows, built.days, checks=checks, gaps=built.gaps)


def _write_mart_file(
    part: str,
    built: MartBuild,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    before: PreviousVersion | None,
    version: str,
    now: datetime,
    engine: MartEngine,
) -> tuple[dict[str, int], tuple[CheckResult, ...]]:
    with engine.room() as connection:
        connection.execute(f"ATTACH {sql_literal(part)} AS out")
        rows = copy_curated_tables(connection, mart, registry, lake, before)
        write_mart_info(connection, mart, built, version, now)
        connection.execute("COMMIT; USE out")
        checks = tuple(run_mart_checks(connection, mart))
        connection.execute(f"USE {ROOM}; CHECKPOINT out; DETACH out")
    return rows, checks


def _keep(lake: Lake, part: str, path: str) -> None:
    if lake.local:
        os.chmod(part, 0o444)
        replace_file(lake, part, path)
    else:
        lake.fs.put_file(part, path)


def _with_duration(publication: Publication, start: float) -> Publication:
    return replace(publication, seconds=time.perf_counter() - start)
