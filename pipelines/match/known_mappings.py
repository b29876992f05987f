"""What fields of other datasets are: learned from bindings that people accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class KnownMapping:
    """A field of a dataset and the target that people chose for it."""

    field: str
    dataset: str
    target: str


def contract_mappings(registry: Registry) -> Sequence[KnownMapping]:
    """The bindings of all contracts."""
    return [
        KnownMapping(field, contract.dataset, binding.element)
        for contract in registry.contracts.values()
        for field, binding in contract.fields.items()
    ]
