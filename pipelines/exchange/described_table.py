"""A table as every format describes it: columns with their elements, types, keys and sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from citylake.pipelines.exchange.receiver import Receiver, is_secret_fact
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, ElementType, Protection
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensitivity_level import SensitivityLevel, sensitivity_level
from citylake.schemas.read.column_protection import protected_column
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry

Names = tuple[str, ...]
_LOWEST: Final = SensitivityLevel()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``columns`` name rows of ``table``, a dataset or a table of the same mart, by its ``keys``."""

    columns: Names
    table: str
    keys: Names


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column. ``type``: None if only the data say it. ``of``: the column that it was derived from.

    ``physical``: the DuckDB type of a mart's column, if it is known.
    """

    name: str
    element: DataElement | None = None
    title: LocalizedText | None = None
    type: ElementType | None = None
    unit: str | None = None
    codes: CodeList | None = None
    protection: Protection = "none"
    level: SensitivityLevel = _LOWEST
    required: bool = False
    of: str | None = None
    physical: str | None = None

    @property
    def definition(self) -> LocalizedText | None:
        """What the column means."""
        return self.element.definition if self.element and self.of is None else self.title


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A standard table or a table of a mart. ``left_out``: columns that the receiver may not have."""

    name: str
    title: LocalizedText
    columns: tuple[DescribedColumn, ...]
    key: Names = ()
    partition: str | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    left_out: Names = ()

    def column(self, name: str) -> DescribedColumn | None:
        """The column of this name."""
        return next((each for each in self.columns if each.name == name), None)

    def with_columns(self, columns: Sequence[DescribedColumn]) -> DescribedTable:
        """The same table with these columns; a key that has lost one of its columns is none."""
        kept = {each.name for each in columns}
        return replace(
            self,
            columns=tuple(columns),
            key=self.key if kept.issuperset(self.key) else (),
            partition=self.partition if _partition_column(self.partition) in kept else None,
            foreign_keys=tuple(each for each in self.foreign_keys if kept.issuperset(each.columns)),
        )


def describe_dataset(contract: Contract, registry: Registry) -> DescribedTable:
    """The standard table of a dataset, all of its columns."""
    columns: dict[str, DescribedColumn] = {}
    for binding in contract.fields.values():
        element = registry.elements.get(binding.element)
        name = binding.column or (element.symbol if element else binding.element)
        level, protection = _LOWEST, binding.protect or "none"
        if element:
            held = protected_column(binding, element)
            level, protection = sensitivity_level(held.sensitivity), held.protection
        own = _element_column(name, element, registry)
        columns[name] = DescribedColumn(
            name, element, own.title, own.type, own.unit, own.codes, protection, level, binding.required
        )
        for derived, kind in derived_columns(name, binding, element).items():
            unit = own.unit if kind == own.type and kind in ("integer", "decimal") else None
            columns[derived] = DescribedColumn(derived, element, own.title, kind, unit, None, "none", level, of=name)
    if contract.write.mode == "snapshot":
        for name in ("valid_from", "valid_to"):
            columns.setdefault(name, DescribedColumn(name, type="date"))
    references = tuple(ForeignKey(each.columns, each.dataset, each.keys) for each in contract.references)
    partition = contract.write.partition
    return DescribedTable(
        contract.dataset, contract.title, tuple(columns.values()), contract.write.key, partition, references
    )


def describe_mart_table(mart: Mart, table: str, registry: Registry) -> DescribedTable:
    """A table of a mart: the columns that are declared."""
    declared = mart.tables[table]
    level = sensitivity_level(mart.highest)
    columns = []
    for name, each in declared.columns.items():
        element = registry.elements.get(each.element) if each.element else None
        own = _element_column(name, element, registry)
        title, unit = each.text or own.title, each.unit or own.unit
        columns.append(
            DescribedColumn(
                name, element, title, own.type, unit, own.codes, "none", level, required=name in declared.grain
            )
        )
    keys = tuple(ForeignKey(each.columns, each.table, each.keys) for each in declared.expect.references)
    return DescribedTable(f"{mart.mart}.{table}", declared.title, tuple(columns), declared.grain, declared.day, keys)


def allowed_columns(table: DescribedTable, receiver: Receiver, contract: Contract) -> DescribedTable:
    """``table`` of a dataset with the columns whose values the receiver may have; the others are in ``left_out``."""
    kept = [each for each in table.columns if receiver.may_have(each.level, contract)]
    return _without(table, {each.name for each in kept})


def named_columns(
    table: DescribedTable, registry: Registry, receiver: Receiver, contract: Contract | None = None
) -> DescribedTable:
    """``table`` with the columns of which the receiver may know; important and core data are told to their owner."""
    owner = contract is not None and receiver.owns(contract)
    secret = {each.name for each in table.columns if each.element and is_secret_fact(registry, each.element.id)}
    return table if owner or not secret else _without(table, {each.name for each in table.columns} - secret)


def _without(table: DescribedTable, kept: set[str]) -> DescribedTable:
    lost = tuple(each.name for each in table.columns if each.name not in kept)
    return replace(table.with_columns([each for each in table.columns if each.name in kept]), left_out=lost)


def _partition_column(partition: str | None) -> str:
    """``observed_at`` of ``day(observed_at)``."""
    return (partition or "").rpartition("(")[2].rstrip(")")


def _element_column(name: str, element: DataElement | None, registry: Registry) -> DescribedColumn:
    if element is None:
        return DescribedColumn(name)
    codes = registry.codes.get(element.codes) if element.codes else None
    return DescribedColumn(name, element, element.name, element.type, element.unit, codes)
