"""The file of a version, written again: its tables, and what it said of itself when it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.pipelines.context import RunContext
from citylake.pipelines.history.rebuild.build_again import MadeMart
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.explain_file import Lookups, explain_file, find_lookups, open_lookups
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.passport import write_passport
from citylake.pipelines.marts.make.mart_engine import mart_engine, sql_literal
from citylake.pipelines.marts.publish.mart_file import attach_new_file, copy_curated_tables, copy_without_small_counts
from citylake.pipelines.marts.publish.mart_pointer import version_time
from citylake.pipelines.marts.suppress.suppressed_tables import EXACT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NOTE_TABLE = "_rebuilt"
"""In the file: one row that says which version it is, as of which time, and when it was made again."""


@dataclass(frozen=True, slots=True)
class FileWriter:
    """``lake``: the scratch lake with the built tables; ``changed``: by dataset, when its last batch was recorded."""

    context: RunContext
    lake: Lake
    made: MadeMart
    build: PastBuild
    changed: Mapping[str, datetime]

    def write(self, file: Path, at: datetime) -> None:
        """Write the file; counts that the mart hides are hidden again."""
        mart, registry, lake = self.made.mart, self.made.registry, self.lake
        lookups = find_lookups(mart, registry, lake)
        exact = file.with_suffix(".exact")
        with (
            mart_engine(lake, registry.workspace, self.context.budget.engine) as engine,
            engine.room() as connection,
        ):
            open_lookups(connection, registry, lake, lookups)
            first = str(exact if mart.hides_counts else file)
            rows = copy_curated_tables(connection, mart, registry, lake, self.made.built.tables, first)
            if mart.hides_counts:
                connection.execute("COMMIT; CHECKPOINT out; DETACH out")
                connection.execute(f"ATTACH {sql_literal(exact)} AS {EXACT} (READ_ONLY)")
                attach_new_file(connection, str(file), sum(rows.values()))
                copy_without_small_counts(connection, mart, registry)
            self._explain(connection, lookups)
            self._note(connection, at)
            connection.execute("COMMIT; CHECKPOINT out; DETACH out")
        exact.unlink(missing_ok=True)

    def _explain(self, connection: DuckDBPyConnection, lookups: Lookups) -> None:
        made, build, version = self.made, self.build, self.build.version or ""
        waiting = dict.fromkeys(sorted(build.waiting), build.at)
        then = replace(made.built, gaps=build.gaps, held=waiting)
        facts = FileFacts(connection, made.mart, made.registry, self.lake, then, version, version_time(version))
        write_passport(replace(facts, built=replace(then, inputs=dict(build.versions))))
        explain_file(facts, lookups)
        # The scratch tables have versions and times of their own.
        for name, number in build.versions.items():
            at = f"{sql_literal(self.changed[name].isoformat())}::TIMESTAMPTZ" if name in self.changed else "NULL"
            found = f"WHERE input = {sql_literal(name)}"
            connection.execute(f"UPDATE out._inputs SET delta_version = {number}, changed_at = {at} {found}")

    def _note(self, connection: DuckDBPyConnection, at: datetime) -> None:
        texts = (self.build.mart, self.build.version, at.isoformat(), datetime.now(UTC).isoformat())
        shape = "mart VARCHAR, version VARCHAR, as_of TIMESTAMPTZ, rebuilt_at TIMESTAMPTZ"
        connection.execute(f"CREATE TABLE out.{NOTE_TABLE} ({shape})")
        connection.execute(f"INSERT INTO out.{NOTE_TABLE} VALUES ({', '.join(map(sql_literal, texts))})")
