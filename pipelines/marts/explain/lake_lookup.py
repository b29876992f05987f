"""Datasets that describe what a mart's keys and codes stand for: what of them its readers may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.duckdb_types import standard_table_types
from citylake.pipelines.marts.make.mart_engine import ROOM, sql_identifier
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensitivity_level import sensitivity_level
from citylake.schemas.read.column_protection import protected_columns
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sharing_class import may_draw_on

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SCHEMA: Final = "lookups"


@dataclass(frozen=True, slots=True)
class LakeLookup:
    """A dataset of which rows are taken by key. ``element``: that of the key; ``columns``: what is taken of each row.

    ``version``: that of its standard table, so that one publication reads one state.
    """

    name: str
    dataset: str
    key: str
    element: str
    columns: tuple[str, ...]
    version: int

    @property
    def view(self) -> str:
        """The view of the dataset, in the engine's temporary database."""
        return sql_identifier(ROOM, _SCHEMA, self.name)


def find_dimensions(mart: Mart, registry: Registry, lake: Lake) -> list[LakeLookup]:
    """Return the dimensions that a workspace declares on datasets and that columns of ``mart`` refer to."""
    held = {column.element for table in mart.tables.values() for column in table.columns.values()}
    return [found for found in _declared(mart, registry, lake) if found.element in held]


def find_code_tables(mart: Mart, registry: Registry, lake: Lake) -> Mapping[str, LakeLookup]:
    """Return code list → the dataset that holds its values, for lists that columns of ``mart`` use."""
    used = {registry.elements[each].codes or "" for each in _elements(mart, registry)}
    found: dict[str, LakeLookup] = {}
    for codes in (registry.codes[each] for each in sorted(used & registry.codes.keys())):
        table = codes.table
        if table is None or table.dataset not in registry.contracts:
            continue
        named = (table.name, table.valid_from, table.valid_to, table.parent, table.level, table.successors)
        columns = tuple(each for each in named if each)
        lookup = _lookup(f"codes_{len(found)}", table.dataset, table.code, columns, mart, registry, lake)
        if lookup and table.name in lookup.columns:
            found[codes.id] = lookup
    return found


def create_lookup_views(
    connection: DuckDBPyConnection, registry: Registry, lake: Lake, lookups: Iterable[LakeLookup]
) -> None:
    """Create the views of ``lookups`` in the temporary database, before the file's transaction begins."""
    for each in lookups:
        name = (_SCHEMA, each.name)
        create_standard_view(connection, lake, registry, each.dataset, None, each.version, once=True, name=name)


def _elements(mart: Mart, registry: Registry) -> set[str]:
    columns = (column.element for table in mart.tables.values() for column in table.columns.values())
    return {each for each in columns if each in registry.elements}


def _declared(mart: Mart, registry: Registry, lake: Lake) -> Iterator[LakeLookup]:
    for contract in registry.contracts.values():
        told = contract.dimension
        if told is None:
            continue
        found = _lookup(told.name, contract.dataset, told.key, told.described, mart, registry, lake)
        if found and found.columns:
            yield found


def _lookup(
    name: str, dataset: str, key: str, columns: tuple[str, ...], mart: Mart, registry: Registry, lake: Lake
) -> LakeLookup | None:
    """Return the lookup with the columns that the readers of ``mart`` may have; None if there is no table or no key."""
    contract = registry.contracts[dataset]
    element = registry.columns(contract).get(key)
    if element is None or not may_draw_on(mart, contract, registry):
        return None
    allowed = _allowed_columns(mart, contract, registry)
    version = delta_version(lake, lake.standard(dataset)) if key in allowed else -1
    if version < 0:
        return None
    return LakeLookup(name, dataset, key, element, tuple(each for each in columns if each in allowed), version)


def _allowed_columns(mart: Mart, contract: Contract, registry: Registry) -> set[str]:
    """The columns of the standard table that are not above the mart's ``highest``; personal ones never.

    Whoever is to be forgotten is then in no mart that does not read the dataset.
    """
    highest, known = sensitivity_level(mart.highest), protected_columns(contract, registry)
    # What the lake adds (the validity of a register) says nothing about anyone; its own columns do not come here.
    added = {"valid_from", "valid_to"} & standard_table_types(contract, registry).keys() - known.keys()
    return added | {
        name
        for name, column in known.items()
        if column.protection == column.sensitivity.personal == "none"
        and not sensitivity_level(column.sensitivity).exceeds(highest)
    }
