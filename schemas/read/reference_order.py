"""Which datasets must be ready before another one runs."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


def dataset_dependencies(registry: Registry, contract: Contract) -> set[str]:
    """The datasets against whose tables a dataset is checked, or from which its codes come."""
    referenced = {reference.dataset for reference in contract.references}
    elements = (registry.elements.get(binding.element) for binding in contract.fields.values())
    lists = (registry.codes.get(element.codes) for element in elements if element and element.codes)
    tables = {codes.table.dataset for codes in lists if codes and codes.table}
    return {name for name in referenced | tables if name in registry.contracts and name != contract.dataset}


def dependency_graph(registry: Registry) -> dict[str, list[str]]:
    """Dataset → the datasets that must be ready before it, both by name."""
    return {
        name: sorted(dataset_dependencies(registry, registry.contracts[name])) for name in sorted(registry.contracts)
    }


def find_cycle(graph: Mapping[str, list[str]]) -> list[str]:
    """The names of one cycle in ``graph``, with the first again at the end; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []
