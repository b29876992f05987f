"""The order in which datasets run: referenced datasets come first."""

from __future__ import annotations

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.reference_order import dependency_graph
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
    try:
        order = TopologicalSorter(dependency_graph(registry)).static_order()
        return [registry.contracts[name] for name in order if not chosen or name in chosen]
    except CycleError as error:
        raise CitylakeError("REFERENCE_CYCLE", datasets=" → ".join(error.args[1])) from error
