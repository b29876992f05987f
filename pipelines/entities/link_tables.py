"""The tables of links in the lake: one row for each record (``enterprise``), and the pairs that wait for a person.

They are curated tables: they are made from standard tables, and marts read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import write_deltalake

from citylake.pipelines.lake.delta_log import sync_versions
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.curated_table import build_properties, replace_curated_days
from citylake.pipelines.marts.make.delta_views import create_delta_view, create_links_view
from citylake.pipelines.marts.make.rebuild_days import BuildInputs
from citylake.pipelines.marts.make.selected_rows import SelectedRows
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS, EntityDeclaration

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

PAIR_COLUMNS = {
    "link_id": "VARCHAR",
    "dataset": "VARCHAR",
    "record_key": "VARCHAR",
    "other_dataset": "VARCHAR",
    "other_key": "VARCHAR",
    "score": "DOUBLE",
    "reason": "VARCHAR",
    "waits": "VARCHAR",
}
"""Pending pairs. ``waits``: why, ``band`` (the score is between review and accept) or ``ambiguous`` (it would join two
entities that must stay apart)."""


def links_root(lake: Lake, entity: str) -> str:
    """The folder of the table of links."""
    return lake.curated(ENTITY_SCHEMA, entity)


def pairs_root(lake: Lake, entity: str) -> str:
    """The folder of the table of pending pairs."""
    return lake.curated(ENTITY_SCHEMA, f"{entity}.pairs")


def view_links(connection: DuckDBPyConnection, lake: Lake, entity: str, name: str) -> None:
    """Create the view ``name`` of the links as they are; empty before the first linking."""
    create_links_view(connection, lake, entity, (name,))


def view_pairs(connection: DuckDBPyConnection, lake: Lake, entity: str, name: str) -> None:
    """Create the view ``name`` of the pending pairs; empty before the first linking."""
    create_delta_view(connection, lake, (name,), pairs_root(lake, entity), PAIR_COLUMNS, None, None)


def write_links(
    connection: DuckDBPyConnection, lake: Lake, entity: EntityDeclaration, held: DeltaTable | None, now: BuildInputs
) -> bool:
    """Store the tables ``new_pairs`` and ``new_link``, and what they are made from; return whether a link is new.

    If only what they are made from is new, the log notes it and no row is written: no mart has to be built again.
    Raises CommitFailedError if another run has changed the table since ``held``.
    """
    pairs = pairs_root(lake, entity.entity)
    if _differ(connection, "new_pairs", "earlier_pairs") or open_delta_if_exists(lake, pairs) is None:
        _replace(connection, lake, pairs, open_delta_if_exists(lake, pairs), "new_pairs", now)
    root = links_root(lake, entity.entity)
    if held is not None and not _differ(connection, "new_link", "earlier"):
        _note(lake, root, held, now)
        return False
    _replace(connection, lake, root, held, "new_link", now)
    return True


def _differ(connection: DuckDBPyConnection, new: str, old: str) -> bool:
    ways = " UNION ALL ".join(
        f"(SELECT * FROM (FROM {one} EXCEPT ALL SELECT COLUMNS(c -> c IN ({_columns(new)})) FROM {other}) LIMIT 1)"
        for one, other in ((new, old),)
    )
    counts = f"SELECT (SELECT count(*) FROM {new}) <> (SELECT count(*) FROM {old}) OR EXISTS ({ways})"
    return bool(connection.execute(counts).fetchall()[0][0])


def _columns(new: str) -> str:
    names = LINK_COLUMNS if new == "new_link" else PAIR_COLUMNS
    return ", ".join(f"'{name}'" for name in names)


def _replace(
    connection: DuckDBPyConnection, lake: Lake, root: str, held: DeltaTable | None, rows: str, now: BuildInputs
) -> None:
    made = SelectedRows(connection, f"FROM {rows} ORDER BY ALL").reader()
    replace_curated_days(lake, root, held, made, now, None, None)


def _note(lake: Lake, root: str, held: DeltaTable, now: BuildInputs) -> None:
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in LINK_COLUMNS.items()])
    before = held.version()
    write_deltalake(held, schema.empty_table(), mode="append", commit_properties=build_properties(now, []))
    sync_versions(lake, root, before + 1)


_ARROW = {"VARCHAR": pa.string(), "DATE": pa.date32(), "DOUBLE": pa.float64()}
