"""The inputs of a mart's tables and their build order, parsed from the SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.sql_columns import select_tables
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of a mart: its SELECT and its inputs."""

    file: Path
    sql: str
    datasets: frozenset[str]
    siblings: frozenset[str]
    """Tables of the same mart."""
    foreign: frozenset[tuple[str, str]]
    """Tables of other marts, as (mart, table)."""
    absent: frozenset[str] = frozenset()
    """Optional datasets that the workspace does not declare."""
    entities: frozenset[str] = frozenset()
    """Entities whose links are read, as ``entities.<entity>``."""


def plan_mart_tables(mart: Mart, registry: Registry) -> Mapping[str, TablePlan]:
    """Return the mart's tables in build order.

    In SQL, a standard table has its dataset's id (``air.cnemc_hourly``), a table of the same mart its own name, a
    table of another mart ``mart.<mart>.<table>``, and the links of an entity ``entities.<entity>``. Raises
    MART_SQL_MISSING, MART_SQL_UNREADABLE, MART_TABLE_UNKNOWN and MART_CYCLE.
    """
    tables = {name: _plan_table(mart, name, registry) for name in mart.tables}
    order = _topological_order(f"mart.{mart.mart}", {name: table.siblings for name, table in tables.items()})
    return {name: tables[name] for name in order}


def mart_input_datasets(mart: Mart, registry: Registry) -> set[str]:
    """Return the datasets that the mart reads, directly, through other marts, or through links of their records."""
    found: set[str] = set()
    for name in marts_in_order([mart.mart], registry, with_needed=True):
        found |= mart_sources(registry.marts[name], registry)[0]
        found |= linked_datasets(registry.marts[name], registry)
    return found


def mart_entities(mart: Mart, registry: Registry) -> set[str]:
    """Return the entities whose links the mart reads directly."""
    return {name for table in plan_mart_tables(mart, registry).values() for name in table.entities}


def linked_datasets(mart: Mart, registry: Registry) -> set[str]:
    """Return the datasets whose records are linked by the entities that the mart reads directly."""
    entities = (registry.entities[name] for name in mart_entities(mart, registry))
    return {dataset for entity in entities for dataset in entity.records} & registry.contracts.keys()


def mart_sources(mart: Mart, registry: Registry) -> tuple[set[str], set[str]]:
    """Return the datasets and the other marts that the mart reads directly."""
    tables = plan_mart_tables(mart, registry).values()
    return (
        {name for table in tables for name in table.datasets},
        {other for table in tables for other, _ in table.foreign},
    )


def marts_in_order(names: Iterable[str], registry: Registry, *, with_needed: bool = False) -> list[str]:
    """Return ``names`` in order of dependencies; ``with_needed`` adds the marts that they read. Raises MART_CYCLE."""
    chosen, graph = set(names), dict[str, set[str]]()
    waiting = sorted(chosen)
    while waiting:
        name = waiting.pop()
        graph[name] = mart_sources(registry.marts[name], registry)[1]
        waiting += sorted(graph[name] - graph.keys())
    return [name for name in _topological_order("marts", graph) if with_needed or name in chosen]


def _topological_order(where: str, graph: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        return list(TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order())
    except CycleError as error:
        raise CitylakeError("MART_CYCLE", where=where, tables=" → ".join(error.args[1])) from error


def _plan_table(mart: Mart, name: str, registry: Registry) -> TablePlan:
    folder = registry.places["mart", mart.mart].path.parent
    file = folder / f"{name}.sql"
    if not file.exists():
        near = nearest_words(name, (path.stem for path in folder.glob("*.sql")))
        raise CitylakeError("MART_SQL_MISSING", table=name, file=file, suggestion=", ".join(near) or "—")
    # A trailing semicolon would end the query in which this SELECT is embedded.
    sql = file.read_text(encoding="utf-8").rstrip().rstrip(";")
    datasets, siblings, foreign, absent = set[str](), set[str](), set[tuple[str, str]](), set[str]()
    entities, links = set[str](), {each.table: name for name, each in registry.entities.items()}
    for parts in _sources(sql, file):
        if len(parts) == 1 and parts[0] in mart.tables:
            siblings.add(parts[0])
        elif ".".join(parts) in registry.contracts:
            datasets.add(".".join(parts))
        elif ".".join(parts) in mart.optional:
            absent.add(".".join(parts))
        elif ".".join(parts) in links:
            entities.add(links[".".join(parts)])
        elif _is_foreign(parts, registry):
            foreign.add((parts[1], parts[2]))
        else:
            raise _unknown_table_error(parts, file, mart, registry)
    found = TablePlan(file, sql, frozenset(datasets), frozenset(siblings), frozenset(foreign), frozenset(absent))
    return replace(found, entities=frozenset(entities))


def _is_foreign(parts: tuple[str, ...], registry: Registry) -> bool:
    if len(parts) != 3 or parts[0] != "mart":
        return False
    other = registry.marts.get(parts[1])
    return other is not None and parts[2] in other.tables


def _sources(sql: str, file: Path) -> frozenset[tuple[str, ...]]:
    found = select_tables(sql)
    if isinstance(found, str):
        raise CitylakeError("MART_SQL_UNREADABLE", file=file, reason=found)
    return found


def _unknown_table_error(parts: tuple[str, ...], file: Path, mart: Mart, registry: Registry) -> CitylakeError:
    known = [*mart.tables, *registry.contracts, *(each.table for each in registry.entities.values())]
    known += [f"mart.{name}.{table}" for name, other in registry.marts.items() for table in other.tables]
    name = ".".join(parts)
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if name in text), 1)
    near = ", ".join(nearest_words(name, known)) or "—"
    return CitylakeError("MART_TABLE_UNKNOWN", file=file, line=line, name=name, suggestion=near)
