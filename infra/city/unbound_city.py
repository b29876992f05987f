"""The contracts of the city as they were before departments bound what they share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citylake.schemas.model.contract import Contract
    from citylake.schemas.read.registry import Registry

NEW_DEPARTMENTS = frozenset({"education", "social", "tax"})
"""The first parts of the names of datasets whose departments share nothing yet."""
NEW_DATASETS = frozenset({"environment.discharge_permits", "traffic.school_roads"})
NEW_FIELDS = frozenset({"sfdd", "sfdl", "sjdw", "住所"})
"""Fields of other datasets that name an enterprise, an address or a road."""


def is_new(dataset: str) -> bool:
    """Whether none of the dataset's fields was bound before."""
    return dataset in NEW_DATASETS or dataset.partition(".")[0] in NEW_DEPARTMENTS


def before_binding(registry: Registry) -> Registry:
    """``registry`` in which the fields of new datasets, and the new fields of others, are delivered but not bound."""
    return replace(registry, contracts={name: _unbound(each) for name, each in registry.contracts.items()}, texts={})


def _unbound(contract: Contract) -> Contract:
    new = is_new(contract.dataset)
    kept = {name: binding for name, binding in contract.fields.items() if not new and name not in NEW_FIELDS}
    taken = [name for name in contract.fields if name not in kept]
    return contract.model_copy(update={"fields": kept, "ignore": (*contract.ignore, *taken)})
