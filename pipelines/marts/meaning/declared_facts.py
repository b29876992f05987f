"""The facts of tables that a mart's SQL reads, from the declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from citylake.pipelines.marts.meaning.column_fact import Fact, Weight
from citylake.pipelines.marts.meaning.table_facts import TableFacts
from citylake.pipelines.marts.meaning.unit_readings import unit_of
from citylake.pipelines.marts.plan.plan_operators import TableName
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, is_categorical, is_identifier
from citylake.schemas.model.entity import ENTITY_SCHEMA
from citylake.schemas.model.mart import Mart, MartColumn, MartTable
from citylake.schemas.read.contract_columns import GEOMETRY_SUFFIXES
from citylake.schemas.read.registry import Registry

_TEMPORAL = ("date", "datetime")
_LINKS = ("record_key", "dataset")


def facts_of_table(table: TableName, mart: Mart | None, registry: Registry) -> TableFacts:
    """What is known of a table; nothing, if it is not declared."""
    name = ".".join(table)
    if len(table) == 1 and mart and table[0] in mart.tables:
        return _of_mart(mart.tables[table[0]], registry)
    if name in registry.contracts:
        return _of_contract(registry.contracts[name], registry)
    if mart and name in mart.optional:
        elements = {column: registry.elements.get(each) for column, each in mart.optional[name].items()}
        return _of_elements({column: each for column, each in elements.items() if each}, (), frozenset({"_day"}))
    if len(table) == 3 and table[1] in registry.marts and table[2] in registry.marts[table[1]].tables:
        return _of_mart(registry.marts[table[1]].tables[table[2]], registry)
    if table[0] == ENTITY_SCHEMA:
        return TableFacts({}, (frozenset(_LINKS),))
    return TableFacts({})


def element_fact(name: str, element: DataElement) -> Fact:
    """What an element says of a column."""
    flag = element.representation == "indicator"
    return Fact(
        name,
        unit=unit_of(element.unit),
        measure=element.measure,
        named=not flag and (is_identifier(element) or is_categorical(element)),
        frame=element.frame,
        label=element.label,
        temporal=element.type in _TEMPORAL,
    )


def mart_column_fact(name: str, column: MartColumn, registry: Registry) -> Fact:
    """What a mart's declaration says of a column."""
    element = registry.elements.get(column.element) if column.element else None
    found = element_fact(name, element) if element else Fact(name)
    if column.unit:
        found = replace(found, unit=unit_of(column.unit))
    return replace(found, measure=column.measure) if column.measure else found


def _of_mart(table: MartTable, registry: Registry) -> TableFacts:
    elements = {
        name: registry.elements[column.element]
        for name, column in table.columns.items()
        if column.element in registry.elements
    }
    found = _of_elements(elements, (frozenset(table.grain),), frozenset({table.day} if table.day else ()))
    columns = {name: mart_column_fact(name, column, registry) for name, column in table.columns.items()}
    weights = {name: each.weight for name, each in found.columns.items()}
    return replace(found, columns={name: replace(each, weight=weights.get(name)) for name, each in columns.items()})


def _of_contract(contract: Contract, registry: Registry) -> TableFacts:
    columns = {
        name: registry.elements[element]
        for name, element in registry.columns(contract).items()
        if element in registry.elements
    }
    write, versions = contract.write, frozenset[str]()
    keys: tuple[frozenset[str], ...] = (frozenset(write.key),) if write.key and write.mode == "upsert" else ()
    if write.mode == "snapshot" and write.key:
        start, end = (write.valid.start, write.valid.end) if write.valid else ("valid_from", "valid_to")
        versions = frozenset({start, end})
        keys = (frozenset({*write.key, start}), frozenset({*write.key, end}))
    partition = frozenset({f"_{write.partition.partition('(')[0]}"} if write.partition else ())
    found = _of_elements(columns, keys, partition | versions)
    return replace(found, columns=_with_derived(found.columns, columns), versions=versions)


def _of_elements(
    elements: Mapping[str, DataElement], keys: tuple[frozenset[str], ...], times: frozenset[str]
) -> TableFacts:
    by_element = {element.id: name for name, element in reversed(list(elements.items()))}
    columns = {
        name: replace(element_fact(name, element), weight=_weight(element, by_element))
        for name, element in elements.items()
    }
    columns |= {name: Fact(name, temporal=True) for name in times - columns.keys()}
    editions = {
        name: by_element[element.edition]
        for name, element in elements.items()
        if element.edition and element.edition in by_element
    }
    temporal = frozenset(name for name, fact in columns.items() if fact.temporal)
    return TableFacts(columns, keys, editions, temporal | times)


def _weight(element: DataElement, by_element: Mapping[str, str]) -> Weight | None:
    known = by_element.get(element.weight) if element.weight else None
    return Weight(known) if known else None


def _with_derived(facts: Mapping[str, Fact], elements: Mapping[str, DataElement]) -> dict[str, Fact]:
    found = dict(facts)
    for name, element in elements.items():
        if element.type == "geometry":
            for suffix in GEOMETRY_SUFFIXES:
                degrees = suffix.endswith("_deg")
                unit = unit_of("deg" if degrees else "m2")
                frame = element.frame if degrees else None
                measure: str = "intensity" if degrees else "stock"
                found[f"{name}_{suffix}"] = Fact(f"{name}_{suffix}", unit=unit, measure=measure, frame=frame)  # type: ignore[arg-type]
    return found
