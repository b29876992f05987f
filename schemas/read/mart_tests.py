"""The tests of a mart's SELECTs: files ``<table>.test.yaml`` beside them, and the columns that their rows may have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.entity import LINK_COLUMNS
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.mart_test import TEST_SUFFIX, MartTest
from citylake.schemas.read.contract_columns import contract_columns, elements_by_column
from citylake.schemas.read.registry import InvalidDeclaration, Registry, ShapeError, YamlLocation

_OWN: Final = ("_batch", "_receipt", "_row", "_source", "_warnings", "_refused", "_day", "_month", "_year")
KnownColumns = Mapping[str, DataElement | None]
"""Column → its element; None if it has none."""


def mart_test_files(mart: Mart, registry: Registry) -> dict[str, Path]:
    """Return table → its file of tests, for every such file in the mart's folder, also of unknown tables."""
    folder = registry.places["mart", mart.mart].path.parent
    return {path.name.removesuffix(TEST_SUFFIX): path for path in sorted(folder.glob(f"*{TEST_SUFFIX}"))}


def read_mart_tests(path: Path) -> list[MartTest | InvalidDeclaration]:
    """Return the tests of a file, each as it is or as what is wrong with it."""
    try:
        document = read_yaml(path)
        if not isinstance(document, list):
            raise ShapeError("list")
    except Exception as error:
        # Whatever a file does to its reader is reported with its name.
        return [InvalidDeclaration(YamlLocation(path), error, MartTest, kind="marts")]
    return [_read_one(entry, YamlLocation(path, (number,))) for number, entry in enumerate(document)]


def _read_one(entry: Any, place: YamlLocation) -> MartTest | InvalidDeclaration:
    try:
        return MartTest.model_validate(entry)
    except ValidationError as error:
        return InvalidDeclaration(place, error, MartTest, kind="marts")


def input_columns(name: str, mart: Mart, registry: Registry) -> KnownColumns | None:
    """Return the columns that rows of an input may have; None if ``name`` is no input that is declared."""
    parts = name.split(".")
    if contract := registry.contracts.get(name):
        elements: dict[str, DataElement | None] = {**elements_by_column(contract, registry)}
        return dict.fromkeys([*(contract_columns(contract, registry) or ()), *_OWN]) | elements
    if name in mart.optional:
        optional = {column: registry.elements.get(each) for column, each in mart.optional[name].items()}
        return dict.fromkeys(_OWN) | optional
    if name in {entity.table for entity in registry.entities.values()}:
        return dict.fromkeys(LINK_COLUMNS)
    if name in mart.tables:
        return table_columns(mart, name, registry)
    other = registry.marts.get(parts[1]) if len(parts) == 3 and parts[0] == "mart" else None
    return table_columns(other, parts[2], registry) if other and parts[2] in other.tables else None


def columns_of_several_codes(name: str, registry: Registry) -> frozenset[str]:
    """Return the columns of an input that hold several codes, joined by commas: those of fields with ``separator``."""
    contract = registry.contracts.get(name)
    listed = [each for each in contract.fields.values() if each.separator] if contract else []
    known = ((binding, registry.elements.get(binding.element)) for binding in listed)
    return frozenset(binding.column or element.symbol for binding, element in known if element)


def table_columns(mart: Mart, table: str, registry: Registry) -> KnownColumns:
    """Return the columns of a mart's table."""
    return {name: registry.elements.get(column.element or "") for name, column in mart.tables[table].columns.items()}
