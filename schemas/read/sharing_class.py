"""The sharing class of a dataset as its contract and its elements declare it."""

from __future__ import annotations

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.mart import Mart
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


def may_draw_on(mart: Mart, contract: Contract, registry: Registry) -> bool:
    """Whether the readers of ``mart`` may have data of the dataset: shared, agreed upon, or their department's own."""
    sharing = dataset_sharing(contract, registry)
    if sharing is None or sharing.sharing_class == "unconditional" or is_own_department(mart, contract, registry):
        return True
    return sharing.sharing_class == "conditional" and contract.dataset in mart.agreement


def is_own_department(mart: Mart, contract: Contract, registry: Registry) -> bool:
    """Whether all readers of ``mart`` belong to the department of the dataset."""
    readers = registry.workspace.settings.readers.get(mart.readers or "")
    return bool(readers and readers.departments and set(readers.departments) == {contract.owner.department})
