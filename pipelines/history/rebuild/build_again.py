"""A mart built in the scratch lake as it was built then: the same declarations, and the same days left waiting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from citylake.pipelines.context import RunContext
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.explain_file import explain_file, find_lookups, open_lookups
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.passport import write_passport
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_literal
from citylake.pipelines.marts.make.wait_policy import NO_WAIT, WaitPolicy
from citylake.pipelines.marts.publish.mart_file import (
    attach_new_file,
    copy_curated_tables,
    copy_without_small_counts,
)
from citylake.pipelines.marts.publish.mart_pointer import version_time
from citylake.pipelines.marts.suppress.suppressed_tables import EXACT
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

NOTE_TABLE = "_rebuilt"
"""In the file: one row that says which version it is, as of which time, and when it was made again."""
_LONG = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class MadeMart:
    """A mart that was built again, with the declarations of that time."""

    registry: Registry
    mart: Mart
    built: MartBuild


def build_again(context: RunContext, registries: PastRegistries, build: PastBuild, lake: Lake) -> MadeMart:
    """Build the mart's curated tables in the scratch lake. Raises what ``build_mart`` raises."""
    registry, mart = registries.of_build(build, lake)
    zone = registry.workspace.settings.timezone
    with MartEngine(lake, zone, context.budget.engine) as engine:
        built = build_mart(mart, registry, lake, waits=_waits(build.waiting, zone), engine=engine)
    return MadeMart(registry, mart, built)


def _waits(days: Collection[date], zone: str) -> WaitPolicy:
    """The policy by which exactly these days wait, if they have changed."""
    if not days:
        return NO_WAIT
    return WaitPolicy(dict.fromkeys(days, ()), _LONG, ZoneInfo(zone), datetime.min.replace(tzinfo=UTC))


def write_file_again(
    context: RunContext, made: MadeMart, build: PastBuild, lake: Lake, file: Path, at: datetime
) -> None:
    """Write the version's file: tables, and what it said of itself then. Counts are hidden again.

    Names come from the datasets that were made again; those of other datasets are not there.
    """
    mart, registry = made.mart, made.registry
    version = build.version or ""
    told = replace(made.built, inputs=dict(build.versions), gaps=build.gaps)
    then = version_time(version)
    exact = file.with_suffix(".exact")
    first = exact if mart.hides_counts else file
    with (
        MartEngine(lake, registry.workspace.settings.timezone, context.budget.engine) as engine,
        engine.room() as connection,
    ):
        lookups = find_lookups(mart, registry, lake)
        open_lookups(connection, registry, lake, lookups)
        rows = copy_curated_tables(connection, mart, registry, lake, made.built.tables, str(first))
        if mart.hides_counts:
            connection.execute("COMMIT; CHECKPOINT out; DETACH out")
            connection.execute(f"ATTACH {sql_literal(exact)} AS {EXACT} (READ_ONLY)")
            attach_new_file(connection, str(file), sum(rows.values()))
            copy_without_small_counts(connection, mart, registry)
        # The times of the inputs are in the logs of the lake itself.
        facts = FileFacts(connection, mart, registry, context.lake, told, version, then)
        write_passport(facts)
        explain_file(facts, lookups)
        values = ", ".join(map(sql_literal, (mart.mart, version, at.isoformat(), datetime.now(UTC).isoformat())))
        connection.execute(
            f"CREATE TABLE out.{NOTE_TABLE} (mart VARCHAR, version VARCHAR, as_of TIMESTAMPTZ, rebuilt_at TIMESTAMPTZ)"
        )
        connection.execute(f"INSERT INTO out.{NOTE_TABLE} VALUES ({values})")
        connection.execute("COMMIT; CHECKPOINT out; DETACH out")
    exact.unlink(missing_ok=True)
