"""The time and the place of a dataset's rows, by its contract: which columns say when and where."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.pipelines.silo.join_domains import KeyColumn
from citylake.quality.audit.event_time import event_time_column
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class Validity:
    """The columns with the first day of an entry, and the first day after it."""

    start: str
    end: str


def main_time(contract: Contract, columns: list[KeyColumn]) -> KeyColumn | None:
    """Return the column that says when a row happened: of the partition, of the key, else the first time."""
    times = [each for each in columns if each.kind in ("moment", "day")]
    valid = validity(contract)
    if valid:
        times = [each for each in times if each.column not in (valid.start, valid.end)]
    preferred = (event_time_column(contract), *contract.write.key, contract.write.effective)
    ranked = sorted(times, key=lambda each: preferred.index(each.column) if each.column in preferred else 99)
    return ranked[0] if ranked else None


def validity(contract: Contract) -> Validity | None:
    """Return the columns of the entries' validity; None if the dataset is no register with one."""
    if contract.write.mode != "snapshot":
        return None
    valid = contract.write.valid
    return Validity(valid.start, valid.end) if valid else Validity("valid_from", "valid_to")


def place_columns(contract: Contract, registry: Registry) -> tuple[str, str] | None:
    """Return the columns of longitude and latitude in degrees; None unless there is one of each."""
    by_end: dict[str, str] = {}
    for column, element in elements_by_column(contract, registry).items():
        for name in ("longitude", "latitude"):
            if element.id.endswith(f".{name}") and element.type == "decimal":
                by_end.setdefault(name, column)
    return (by_end["longitude"], by_end["latitude"]) if len(by_end) == 2 else None


def column_period(contract: Contract, registry: Registry, column: str) -> str | None:
    """Return the period that a time stands for, such as ``1h``: of the binding, else of the element."""
    for binding in contract.fields.values():
        element = registry.elements.get(binding.element)
        if element and (binding.column or element.symbol) == column:
            return binding.period or element.period
    return None
