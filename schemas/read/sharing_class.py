"""The sharing class of a dataset as its contract and its elements declare it."""

from __future__ import annotations

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.registry import Registry


def strictest_element(contract: Contract, registry: Registry) -> DataElement | None:
    """The bound element with the strictest class; none if no element states one."""
    bound = (registry.elements.get(binding.element) for binding in contract.fields.values())
    stated = [element for element in bound if element and element.sharing]
    return max(stated, key=lambda element: element.sharing.strictness if element.sharing else 0, default=None)


def dataset_sharing(contract: Contract, registry: Registry) -> Sharing | None:
    """What the contract states, or the strictest of its elements, whichever is stricter; none if nothing is said."""
    element = strictest_element(contract, registry)
    stated = [each for each in (contract.sharing, element.sharing if element else None) if each]
    return max(stated, key=lambda sharing: sharing.strictness, default=None)
