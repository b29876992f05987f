"""Which datasets are sealed: their landed and raw files are encrypted at rest."""

from __future__ import annotations

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import ProtectedColumn, protected_columns
from citylake.schemas.read.registry import Registry


def is_sealed_dataset(contract: Contract, registry: Registry) -> bool:
    """Whether the bytes of the contract's source are sealed.

    As ``seal`` says; by default if a field holds direct identifiers (tokens or masked values in standard), or personal
    data of grade L3 or above.
    """
    if contract.seal is not None:
        return contract.seal
    return any(_needs_seal(column) for column in protected_columns(contract, registry).values())


def _needs_seal(column: ProtectedColumn) -> bool:
    own = column.element.sensitivity
    return column.protection != "none" or (own.personal != "none" and own.restricted)
