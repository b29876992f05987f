"""Checks of how a contract's source and the way its rows are written go together."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contract import Contract
from schemas.lint.codes import accepts, near_codes
from schemas.lint.contracts import elements_by_column
from schemas.lint.fault import Fault
from schemas.lint.places import contract_place
from schemas.registry import Registry


def check_writing(registry: Registry) -> Iterator[Fault]:
    """Rows that come twice must meet by a key; a code that means "deleted" must be one."""
    for contract in registry.contracts.values():
        yield from _repeated(registry, contract)
        yield from _deleted(registry, contract)


def _repeated(registry: Registry, contract: Contract) -> Iterator[Fault]:
    setting, write = contract.source.repeats, contract.write
    place = contract_place(registry, contract.dataset, "write", "mode")
    if setting and write.mode != "upsert":
        yield Fault("REPEATED_WITHOUT_KEY", place, {"setting": setting, "mode": write.mode, "suggestion": "upsert"})
    elif setting == "exchange" and not write.changes:
        yield Fault("EXCHANGE_WITHOUT_CHANGES", place, {"suggestion": "changes: true"})


def _deleted(registry: Registry, contract: Contract) -> Iterator[Fault]:
    deleted = contract.write.deleted
    element = elements_by_column(contract, registry).get(deleted.column) if deleted else None
    codes = registry.codes.get(element.codes or "") if element else None
    place = contract_place(registry, contract.dataset, "write", "deleted", "codes")
    for code in deleted.codes if deleted and codes else ():
        if codes and not accepts(codes, code):
            values = {"code": code, "list": codes.id, "suggestion": near_codes(code, codes)}
            yield Fault("DELETED_CODE_UNKNOWN", place, values)
