"""Checks of the order in which datasets, marts and their tables are made: none waits for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.reference_order import dependency_graph, find_cycle
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.sql_columns import readable_tables


def check_reference_cycles(registry: Registry) -> Iterator[LintFault]:
    """REFERENCE_CYCLE at every dataset of a cycle."""
    cycle = find_cycle(dependency_graph(registry))
    for name in dict.fromkeys(cycle):
        place = contract_location(registry, name, "dataset")
        yield LintFault("REFERENCE_CYCLE", place, {"datasets": " → ".join(cycle)})


def check_mart_cycles(registry: Registry) -> Iterator[LintFault]:
    """MART_CYCLE at every table of a cycle within a mart, and at every mart of a cycle of marts."""
    read = {name: _mart_reads(mart, registry) for name, mart in sorted(registry.marts.items())}
    for name, tables in read.items():
        inside = {table: sorted(parts[0] for parts in found if len(parts) == 1) for table, found in tables.items()}
        cycle = find_cycle({table: [other for other in found if other in tables] for table, found in inside.items()})
        for table in dict.fromkeys(cycle):
            place = sub_location(registry.places["mart", name], "tables", table)
            yield LintFault("MART_CYCLE", place, {"where": f"mart.{name}", "tables": " → ".join(cycle)})
    cycle = find_cycle({name: _other_marts(tables, registry) for name, tables in read.items()})
    for name in dict.fromkeys(cycle):
        place = sub_location(registry.places["mart", name], "mart")
        yield LintFault("MART_CYCLE", place, {"where": "marts", "tables": " → ".join(cycle)})


def _other_marts(tables: Mapping[str, frozenset[tuple[str, ...]]], registry: Registry) -> list[str]:
    named = {parts[1] for found in tables.values() for parts in found if len(parts) == 3 and parts[0] == "mart"}
    return sorted(named & registry.marts.keys())


def _mart_reads(mart: Mart, registry: Registry) -> dict[str, frozenset[tuple[str, ...]]]:
    """Table → what its SELECT reads."""
    folder = registry.places["mart", mart.mart].path.parent
    paths = {name: folder / f"{name}.sql" for name in sorted(mart.tables)}
    return {
        name: readable_tables(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else frozenset()
        for name, path in paths.items()
    }
