"""The published version of a mart that is traced: its curated tables, and the row as readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from citylake.pipelines.history.trace.build_commits import BuildCommit, build_commits
from citylake.pipelines.lake.delta_table import delta_version, open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, publications_table
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.read.mart_reader import published_pointer
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.words.errors import CitylakeError

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class TracedVersion:
    """``tables``: table → Delta version; ``inputs``: table of another place → Delta version at the publication."""

    version: str
    file: str
    """Path of the published file; it may be deleted by retention."""
    tables: Mapping[str, int] | None
    """None: of an older version, the ledger knows the inputs only."""
    inputs: Mapping[str, int]
    published_at: datetime | None


def find_version(lake: Lake, ledger: Ledger, mart: str, version: str | None) -> tuple[TracedVersion, Pointer]:
    """Return the version, or the current one for None, and the mart's pointer.

    A version may be named by its beginning. Raises MART_NOT_PUBLISHED, MART_CLOSED and TRACE_VERSION_UNKNOWN.
    """
    pointer = published_pointer(lake, mart)
    rows = ledger.read(publications_table.TABLE).filter(
        (pl.col("mart") == mart) & (pl.col("status") == "published") & pl.col("version").is_not_null()
    )
    known = {
        each.version: each for each in map(publications_table.parse_published_version, rows.sort("sequence").to_dicts())
    }
    name = pointer.version if version is None else _named(mart, version, [*known, pointer.version])
    record = known.get(name)
    tables = dict(pointer.tables) if name == pointer.version else None
    found = TracedVersion(
        name,
        f"{lake.mart(mart)}/{mart}-{name}.duckdb",
        tables,
        dict(record.versions) if record else {},
        record.published_at if record else None,
    )
    return found, pointer


def _named(mart: str, version: str, known: list[str]) -> str:
    names = sorted(set(known))
    if version in names:
        return version
    begun = [name for name in names if name.startswith(version)]
    if len(begun) == 1 and version:
        return begun[0]
    near = (begun or list(nearest_words(version, names)))[:_MOST_NAMED] or names[-_MOST_NAMED:]
    raise CitylakeError("TRACE_VERSION_UNKNOWN", mart=mart, version=version, suggestion=", ".join(near) or "—")


def curated_version(lake: Lake, mart: str, table: str, found: TracedVersion) -> int:
    """The Delta version of a curated table in the published version.

    Of an older version, it is the last build before the publication that read no newer inputs.
    """
    root = lake.curated(mart, table)
    if found.tables is not None and table in found.tables:
        return found.tables[table]
    if found.published_at is None:
        return delta_version(lake, root)
    before = round(found.published_at.timestamp() * 1000)
    builds = [each for each in build_commits(open_delta(lake, root)) if _is_not_after(each, found)]
    timely = (each.version for each in builds if each.committed_ms <= before)
    return next(timely, builds[0].version if builds else delta_version(lake, root))


def _is_not_after(build: BuildCommit, found: TracedVersion) -> bool:
    return all(at <= found.inputs.get(name, at) for name, at in build.versions.items())
