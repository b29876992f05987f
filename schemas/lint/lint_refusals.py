"""Checks of what a contract refuses by value, and of names that the lake adds to its columns."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

_INTERVAL = ("valid_from", "valid_to")


def check_refusals(registry: Registry) -> Iterator[LintFault]:
    """Every fault of ``refuse`` and ``effective``."""
    for contract in registry.contracts.values():
        yield from _needed_values(registry, contract)
        yield from _half_pairs(registry, contract)
        yield from _interval_columns(registry, contract)


def _columns(registry: Registry, contract: Contract) -> dict[str, tuple[str, Binding]]:
    """Column → its field and binding, as far as the elements are known."""
    known = registry.elements
    return {
        binding.column or known[binding.element].symbol: (field, binding)
        for field, binding in contract.fields.items()
        if binding.column or binding.element in known
    }


def _needed_values(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    """A row cannot do without these values, so that they cannot be refused alone."""
    columns, needed = _columns(registry, contract), _needed_columns(contract)
    needed |= {column: "required" for column, (_, binding) in columns.items() if binding.required}
    free = [column for column in columns if column not in needed]
    yield from _optional_needed(registry, contract, columns)
    for column, why in needed.items():
        values = {"column": column, "why": why}
        if column in columns and columns[column][1].refuse == "value":
            place = contract_location(registry, contract.dataset, "fields", columns[column][0], "refuse")
            yield LintFault("REFUSED_VALUE_NEEDED", place, {**values, "suggestion": "refuse: row"})
        for number, rule in enumerate(contract.rules):
            if column in rule.refuse:
                place = contract_location(registry, contract.dataset, "rules", number, "refuse")
                yield LintFault("REFUSED_VALUE_NEEDED", place, {**values, "suggestion": free})


def _optional_needed(
    registry: Registry, contract: Contract, columns: dict[str, tuple[str, Binding]]
) -> Iterator[LintFault]:
    """Without the column, no row could be written."""
    for column, why in _needed_columns(contract).items():
        if why.startswith("write.") and column in columns and columns[column][1].optional:
            place = contract_location(registry, contract.dataset, "fields", columns[column][0], "optional")
            yield LintFault("OPTIONAL_COLUMN_NEEDED", place, {"column": column, "why": why})


def _needed_columns(contract: Contract) -> dict[str, str]:
    write = contract.write
    needed = {write.partition.partition("(")[2].rstrip(")"): "write.partition"} if write.partition else {}
    needed |= {name: "write.latest_by" for name in (write.latest_by,) if name}
    needed |= {name: "write.effective" for name in (write.effective,) if name}
    needed |= dict.fromkeys((write.valid.start, write.valid.end) if write.valid else (), "write.valid")
    needed |= {write.deleted.column: "write.deleted"} if write.deleted else {}
    needed |= {binding.code_at: "code_at" for binding in contract.fields.values() if binding.code_at}
    return {**needed, **dict.fromkeys(write.key, "write.key")}


def _half_pairs(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    for field, binding in contract.fields.items():
        other = contract.fields.get(binding.pair or "")
        if other and binding.refuse == "value" and other.refuse == "row":
            place = contract_location(registry, contract.dataset, "fields", field, "refuse")
            values = {"field": field, "pair": binding.pair, "suggestion": "refuse: value"}
            yield LintFault("PAIR_REFUSED_APART", place, values)


def _interval_columns(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    """A register with ``effective`` gets its interval's columns from the lake."""
    if contract.write.mode != "snapshot" or contract.write.effective is None:
        return
    for column, (field, _) in _columns(registry, contract).items():
        if column in _INTERVAL:
            name = "register_day" if column == contract.write.effective else f"source_{column}"
            place = contract_location(registry, contract.dataset, "fields", field)
            yield LintFault(
                "INTERVAL_COLUMN_TAKEN", place, {"field": field, "column": column, "suggestion": f"as: {name}"}
            )
