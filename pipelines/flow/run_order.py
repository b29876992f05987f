"""The order in which datasets run: referenced datasets come first."""

from __future__ import annotations

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def order_datasets(registry: Registry, chosen: Collection[str]) -> list[Contract]:
    """The chosen datasets (all, if none is chosen), referenced ones first, otherwise by name.

    Raises DATASET_UNKNOWN, DECLARATION_FAULTY and REFERENCE_CYCLE.
    """
    unknown = [name for name in chosen if name not in registry.contracts]
    for name in unknown:
        registry.contract(name)
    if unknown:
        known = ", ".join(sorted(registry.contracts)) or "—"
        raise CitylakeError("DATASET_UNKNOWN", dataset=", ".join(unknown), known=known)
    graph = {
        name: sorted(dataset_dependencies(registry, registry.contracts[name])) for name in sorted(registry.contracts)
    }
    try:
        order = TopologicalSorter(graph).static_order()
        return [registry.contracts[name] for name in order if not chosen or name in chosen]
    except CycleError as error:
        raise CitylakeError("REFERENCE_CYCLE", datasets=" → ".join(error.args[1])) from error


def dataset_dependencies(registry: Registry, contract: Contract) -> set[str]:
    """The datasets against whose tables a dataset is checked, or from which its codes come."""
    referenced = {reference.dataset for reference in contract.references}
    elements = (registry.elements.get(binding.element) for binding in contract.fields.values())
    lists = (registry.codes.get(element.codes) for element in elements if element and element.codes)
    tables = {codes.table.dataset for codes in lists if codes and codes.table}
    return {name for name in referenced | tables if name in registry.contracts and name != contract.dataset}
