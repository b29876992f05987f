"""Checks of a contract's write mode against its source."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.lint.lint_codes import accepts_code, nearest_codes
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry


def check_writing(registry: Registry) -> Iterator[LintFault]:
    """Rows that may come twice need a key; codes of deletion are in the code list; a register has a date."""
    for contract in registry.contracts.values():
        yield from _key_faults(registry, contract)
        yield from _delete_faults(registry, contract)
        yield from _effective_faults(registry, contract)


def _key_faults(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    setting, write = contract.source.repeats, contract.write
    place = contract_location(registry, contract.dataset, "write", "mode")
    if setting and write.mode != "upsert":
        yield LintFault("REPEATED_WITHOUT_KEY", place, {"setting": setting, "mode": write.mode, "suggestion": "upsert"})
    elif setting == "exchange" and not write.changes:
        yield LintFault("EXCHANGE_WITHOUT_CHANGES", place, {"suggestion": "changes: true"})


def _delete_faults(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    deleted = contract.write.deleted
    element = elements_by_column(contract, registry).get(deleted.column) if deleted else None
    codes = registry.codes.get(element.codes or "") if element else None
    place = contract_location(registry, contract.dataset, "write", "deleted", "codes")
    for code in deleted.codes if deleted and codes else ():
        if codes and not accepts_code(codes, code):
            values = {"code": code, "list": codes.id, "suggestion": nearest_codes(code, codes)}
            yield LintFault("DELETED_CODE_UNKNOWN", place, values)


def _effective_faults(registry: Registry, contract: Contract) -> Iterator[LintFault]:
    kinds = {name: element.type for name, element in elements_by_column(contract, registry).items()}
    column = contract.write.effective
    if column in kinds and kinds[column] != "date":
        place = contract_location(registry, contract.dataset, "write", "effective")
        dates = [name for name, kind in kinds.items() if kind == "date"]
        yield LintFault("EFFECTIVE_NOT_DATE", place, {"column": column, "type": kinds[column], "suggestion": dates})
