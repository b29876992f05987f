"""Publishes a mart: writes a new file, checks it, then moves the pointer. Readers of the old file are not affected."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime

from citylake.pipelines.lake.conditional_file import keeps_condition
from citylake.pipelines.lake.conflict_retry import COMMIT_ATTEMPTS
from citylake.pipelines.lake.delta_log import sync_versions
from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.declared_digest import declared_digest
from citylake.pipelines.marts.explain.explain_file import Lookups, explain_file, find_lookups, open_lookups
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.passport import write_passport
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import ROOM, MartEngine, shared_engine, sql_literal
from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.marts.publish.attach_files import write_attach_files
from citylake.pipelines.marts.publish.mart_audit import MartAudit
from citylake.pipelines.marts.publish.mart_checks import run_mart_checks
from citylake.pipelines.marts.publish.mart_expectations import accepted_check, run_mart_expectations
from citylake.pipelines.marts.publish.mart_file import (
    attach_new_file,
    copy_curated_tables,
    copy_without_small_counts,
)
from citylake.pipelines.marts.publish.mart_permissions import restrict_folders, share_file, share_version
from citylake.pipelines.marts.publish.mart_pointer import BuiltContent, Pointer
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock
from citylake.pipelines.marts.publish.previous_version import PreviousVersion, curated_table_ids, find_previous_version
from citylake.pipelines.marts.publish.refused_content import keep_refused, rollback_notice
from citylake.pipelines.marts.publish.stable_name import name_current_file, name_published_file
from citylake.pipelines.marts.suppress.suppressed_tables import EXACT
from citylake.pipelines.records import Publication
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError, Problem


def publish_mart(
    built: MartBuild,
    registry: Registry,
    lake: Lake,
    *,
    engine: MartEngine | None = None,
    anew: bool = False,
    accept: bool = False,
    again: bool = False,
) -> Publication:
    """Publish the curated tables, unless the published version has the same tables and declarations (``unchanged``).

    ``anew``: publish in any case, and use nothing of the published version, which may be damaged. If a check or an
    expectation of severity ``error`` fails, the status is ``held``: the pointer is not moved, and the new file is
    deleted. ``accept``: broken expectations are recorded and hold nothing; checks of the grain and ``checks`` still do.
    If another run has published the same or newer tables in the meantime, its version stays (``unchanged``); where an
    object store cannot promise that, the notice is MART_POINTER_UNGUARDED. What a person has rolled back is not
    published, unless ``again`` or ``anew``: the version stays, with the notice MART_ROLLED_BACK. Raises
    MART_CHECK_UNREADABLE, MART_POINTER_CONTENDED, and what ``restrict_folders`` raises.
    """
    start = time.perf_counter()
    mart = registry.marts[built.mart]
    before = mart_pointer.read_pointer(lake, mart.mart)
    restrict_folders(lake, mart, registry)
    lookups = find_lookups(mart, registry, lake)
    said = declared_digest(mart, registry, built.inputs, lookups.all)
    same = before and before.fingerprint == built.fingerprint and before.tables == built.tables
    content = BuiltContent(built.fingerprint, dict(built.tables), said)
    if not (again or anew) and before and before.refuses(content):
        kept = keep_refused(lake, before, _wanted(mart, registry))
        return _with_duration(_unchanged(kept, built, lake, registry, content), start)
    if not anew and before and same and _served(before) == (*_wanted(mart, registry), said):
        return _with_duration(_unchanged(before, built, lake, registry, content), start)
    with shared_engine(engine, lake, registry.workspace) as made_in:
        made = _publish_new_version(
            built, mart, registry, lake, before, made_in, lookups, content, anew=anew, accept=accept
        )
        return _with_duration(made, start)


def _served(pointer: Pointer) -> tuple[str, bool, str | None, str]:
    return pointer.accesses, pointer.personal, pointer.readers, pointer.said


def _wanted(mart: Mart, registry: Registry) -> tuple[str, bool, str | None]:
    """What the pointer tells readers of how the mart is served."""
    return registry.workspace.settings.accesses, mart.highest.personal != "none", mart.readers


def is_overtaken(published: Publication, built: MartBuild, lake: Lake) -> bool:
    """Return whether another run has changed a table since ``built``, and its version was replaced by this one."""
    pointer = mart_pointer.read_pointer(lake, built.mart)
    if published.status != "published" or pointer is None or pointer.version != published.version:
        return False
    return any(delta_version(lake, lake.curated(built.mart, name)) != at for name, at in built.tables.items())


def _unchanged(
    pointer: Pointer, built: MartBuild, lake: Lake, registry: Registry, content: BuiltContent
) -> Publication:
    path = f"{lake.mart(built.mart)}/{pointer.file}"
    # A crash may have left the name with the version before, and a lake of an earlier release has none.
    name_published_file(lake, built.mart)
    write_attach_files(lake, registry)
    notices = (rollback_notice(pointer),) if pointer.refuses(content) else ()
    return Publication(built.mart, "unchanged", pointer.version, path, pointer.rows, built.days, problems=notices)


def _newer_pointer(now: Pointer | None, before: Pointer | None, content: BuiltContent) -> Pointer | None:
    """Return the pointer if another run has moved it from ``before`` to tables that are not older than these, or if a
    person has rolled the mart back meanwhile.
    """
    if now is None or now == before:
        return None
    if now.refuses(content):
        return now
    if now.fingerprint != content.fingerprint:
        return None
    return now if all(now.tables.get(name, -1) >= at for name, at in content.tables.items()) else None


def _publish_new_version(
    built: MartBuild,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    before: Pointer | None,
    engine: MartEngine,
    lookups: Lookups,
    content: BuiltContent,
    *,
    anew: bool,
    accept: bool,
) -> Publication:
    now = datetime.now(UTC)
    lake.makedirs(lake.mart(mart.mart))
    version = mart_pointer.next_version(lake, mart.mart, now)
    file = f"{mart.mart}-{version}.duckdb"
    path = f"{lake.mart(mart.mart)}/{file}"
    previous = None if anew else find_previous_version(lake, mart, built, before)
    # In the mart's folder, so that the finished file is renamed and not copied.
    with tempfile.TemporaryDirectory(
        prefix=".making-", dir=lake.mart(mart.mart) if lake.local else engine.folder
    ) as folder:
        part = os.path.join(folder, file)
        rows, checks, expected = _write_mart_file(
            part, built, mart, registry, lake, before, previous, version, now, engine, lookups
        )
        if accept:
            expected = tuple(map(accepted_check, expected))
        checks = (*checks, *expected)
        problems = tuple(check.problem for check in checks if check.problem)
        if any(check.holds for check in checks):
            return Publication(mart.mart, "held", None, None, rows, built.days, checks=checks, problems=problems)
        share_file(lake, mart, registry, part, fixed=True)
        moved = _pointer(built, mart, registry, lake, version, now, rows, content.said)
        for name in built.tables:
            # The pointer names their versions; a build that was killed may not have synced them.
            sync_versions(lake, lake.curated(mart.mart, name))
        with pointer_lock(lake, mart.mart):
            newer = _make_current(lake, part, path, moved, before, content)
            if newer is None:
                name_current_file(lake, mart.mart, file)
        if newer:
            return _unchanged(newer, built, lake, registry, content)
        if not (lake.local or keeps_condition(lake)):
            problems = (*problems, Problem("MART_POINTER_UNGUARDED", {"mart": mart.mart}))
    share_version(lake, mart, registry, version)
    write_attach_files(lake, registry)
    return Publication(
        mart.mart, "published", version, path, rows, built.days, checks=checks, problems=problems, gaps=built.gaps
    )


def _make_current(
    lake: Lake, part: str, path: str, wanted: Pointer, before: Pointer | None, content: BuiltContent
) -> Pointer | None:
    """Keep the file ``part`` as ``path``, and move the pointer. Return the one that stays, if another run was first.

    On an object store, where nothing is locked, a pointer that was moved in the same moment is read and judged again.
    Raises MART_POINTER_CONTENDED.
    """
    kept = False
    for _ in range(COMMIT_ATTEMPTS):
        now, seen = mart_pointer.see_pointer(lake, wanted.mart)
        if newer := _newer_pointer(now, before, content):
            if kept:
                # Nothing will ever name it, and retention would count it as a version.
                lake.remove(path)
            return newer
        if not kept:
            _keep(lake, part, path)
            kept = True
        if mart_pointer.move_pointer(lake, wanted, seen):
            return None
    raise CitylakeError("MART_POINTER_CONTENDED", mart=wanted.mart, attempts=COMMIT_ATTEMPTS)


def _pointer(
    built: MartBuild,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    version: str,
    now: datetime,
    rows: dict[str, int],
    said: str,
) -> Pointer:
    kept, file = dict(built.tables), f"{mart.mart}-{version}.duckdb"
    ids = curated_table_ids(lake, mart.mart, kept)
    timezone = registry.workspace.settings.timezone
    stated = (mart.mart, version, file, timezone, now.isoformat(), built.fingerprint)
    return Pointer(*stated, kept, rows, built.gaps, ids, *_wanted(mart, registry), said)


def _write_mart_file(
    part: str,
    built: MartBuild,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    pointer: Pointer | None,
    before: PreviousVersion | None,
    version: str,
    now: datetime,
    engine: MartEngine,
    lookups: Lookups,
) -> tuple[dict[str, int], tuple[CheckResult, ...], tuple[CheckResult, ...]]:
    """Write the file. Return the rows by table, the checks, and the evaluated expectations, of the exact counts."""
    made = f"{part}.exact" if mart.hides_counts else part
    with engine.room() as connection:
        open_lookups(connection, registry, lake, lookups)
        rows = copy_curated_tables(connection, mart, registry, lake, built.tables, made, before)
        write_passport(facts := FileFacts(connection, mart, registry, lake, built, version, now))
        if not mart.hides_counts:
            explain_file(facts, lookups)
        connection.execute("COMMIT; USE out")
        checks = tuple(run_mart_checks(connection, mart))
        connection.execute(f"USE {ROOM}")
        audit = MartAudit(connection, mart, registry, lake, built, rows, pointer.rows if pointer else {}, now)
        expected = tuple(run_mart_expectations(audit))
        connection.execute("CHECKPOINT out; DETACH out")
        if mart.hides_counts:
            # A file of its own: what a DuckDB file once held can be read from it after an update.
            connection.execute(f"ATTACH {sql_literal(made)} AS {EXACT} (READ_ONLY)")
            attach_new_file(connection, part, sum(rows.values()))
            copy_without_small_counts(connection, mart, registry)
            write_passport(facts := FileFacts(connection, mart, registry, lake, built, version, now))
            explain_file(facts, lookups)
            connection.execute("COMMIT; CHECKPOINT out; DETACH out")
    return rows, checks, expected


def _keep(lake: Lake, part: str, path: str) -> None:
    if lake.local:
        # Nobody writes to a version; who may read it, the mart's readers or the umask decide.
        os.chmod(part, os.stat(part).st_mode & 0o444)
        replace_file(lake, part, path)
    else:
        lake.fs.put_file(part, path)


def _with_duration(publication: Publication, start: float) -> Publication:
    return replace(publication, seconds=time.perf_counter() - start)
