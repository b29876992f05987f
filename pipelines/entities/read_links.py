"""Reads the links of an entity: totals, the records of one entity, pending pairs, and what a link's id names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.link_tables import view_links, view_pairs
from citylake.pipelines.lake.ledger import entity_decisions_table
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb
from citylake.schemas.model.entity import EntityDeclaration
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Record = tuple[str, str]
"""A dataset and a record's key."""


@dataclass(frozen=True, slots=True)
class FoundPair:
    """Two records that are a pending pair."""

    entity: str
    one: Record
    other: Record


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A record, and the other records of its entity."""

    entity: str
    record: Record
    others: tuple[Record, ...]


def summarize_links(context: RunContext, entity: str) -> dict[str, Any]:
    """Return the totals of an entity: records, entities, shared (in two datasets or more), by dataset and stage."""
    with _opened(context, entity) as connection:
        records, entities, shared = connection.execute(_TOTALS).fetchall()[0]
        datasets = dict(connection.execute("SELECT dataset, count(*) FROM link GROUP BY 1 ORDER BY 1").fetchall())
        stages = dict(connection.execute("SELECT stage, count(*) FROM link GROUP BY 1 ORDER BY 1").fetchall())
        pending = connection.execute("SELECT count(*) FROM pair").fetchall()[0][0]
    return {
        "entity": entity,
        "records": records,
        "entities": entities,
        "shared": shared,
        "pending": pending,
        "datasets": datasets,
        "stages": stages,
    }


def show_entity(context: RunContext, entity_id: str) -> list[dict[str, Any]]:
    """Return the links of one entity, by dataset and key. Raises ENTITY_ID_UNKNOWN."""
    for entity in context.registry.entities:
        with _opened(context, entity) as connection:
            found = _rows(connection, "FROM link WHERE entity_id = ? ORDER BY dataset, record_key", [entity_id])
        if found:
            return [{"entity": entity, **row} for row in found]
    raise CitylakeError("ENTITY_ID_UNKNOWN", entity_id=entity_id)


def pending_pairs(context: RunContext, entity: str, limit: int) -> list[dict[str, Any]]:
    """Return the pairs that wait for a person, the most likely first, at most ``limit``."""
    with _opened(context, entity) as connection:
        return _rows(connection, "FROM pair ORDER BY score DESC, link_id LIMIT ?", [limit])


@dataclass(frozen=True, slots=True)
class FoundAct:
    """What a person decided before: pairs of records, by the id of the act."""

    entity: str
    pairs: tuple[tuple[Record, Record], ...]


def find_link(context: RunContext, link: str) -> FoundPair | FoundLink | FoundAct:
    """Return what the id of a link, of a pending pair or of a decision names. Raises ENTITY_LINK_UNKNOWN."""
    acts = context.ledger.read(entity_decisions_table.TABLE).filter(pl.col("act_id") == link)
    if acts.height:
        named = acts.select("dataset", "record_key", "other_dataset", "other_key").iter_rows()
        return FoundAct(acts["entity"][0], tuple(((a, b), (c, d)) for a, b, c, d in named))
    for entity in context.registry.entities:
        with _opened(context, entity) as connection:
            for row in _rows(connection, "FROM pair WHERE link_id = ?", [link]):
                return FoundPair(entity, (row["dataset"], row["record_key"]), (row["other_dataset"], row["other_key"]))
            found = connection.execute(_RECORDS, [link]).fetchall()
        for dataset, key, own in found:
            if own:
                others = ((name, text) for name, text, itself in found if not itself)
                return FoundLink(entity, (dataset, key), tuple(others))
    raise CitylakeError("ENTITY_LINK_UNKNOWN", link=link)


def unbound_columns(registry: Registry, entity: EntityDeclaration) -> list[tuple[str, str, str]]:
    """Return dataset, column and element of columns that name such entities, in datasets that are not declared."""
    return [
        (name, column, element.id)
        for name, contract in sorted(registry.contracts.items())
        if name not in entity.records
        for column, element in elements_by_column(contract, registry).items()
        if element.names_entity == entity.kind
    ]


@contextmanager
def _opened(context: RunContext, entity: str) -> Iterator[DuckDBPyConnection]:
    zone = context.registry.workspace.settings.timezone
    with open_mart_duckdb(context.lake, zone, context.budget.engine) as connection:
        view_links(connection, context.lake, entity, "link")
        view_pairs(connection, context.lake, entity, "pair")
        yield connection


def _rows(connection: DuckDBPyConnection, select: str, values: list[Any]) -> list[dict[str, Any]]:
    made = connection.execute(select, values)
    names = [column[0] for column in made.description or ()]
    return [dict(zip(names, row, strict=True)) for row in made.fetchall()]


_TOTALS = """
    SELECT coalesce(sum(n), 0)::BIGINT, count(*), count(*) FILTER (datasets > 1) FROM (
        SELECT entity_id, count(*) AS n, count(DISTINCT dataset) AS datasets FROM link GROUP BY entity_id
    )
"""
_RECORDS = """
    SELECT l.dataset, l.record_key, l.link_id = chosen.link_id
    FROM link l JOIN link chosen USING (entity_id) WHERE chosen.link_id = ? ORDER BY ALL
"""
