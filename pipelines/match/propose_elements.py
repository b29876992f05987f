"""The matching engine's door: at most three elements for each field of a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from citylake.pipelines.match.element_engine import Learning, element_engine
from citylake.pipelines.match.field_proposal import ElementProposal, FieldFacts
from citylake.pipelines.match.known_mappings import KnownMapping, contract_mappings
from citylake.schemas.read.registry import Registry

PROPOSED = 3
"""Elements proposed for a field, at most."""


def propose_elements(
    fields: Sequence[FieldFacts],
    registry: Registry,
    refused: Collection[tuple[str, str]] = (),
    *,
    known: Sequence[KnownMapping] | None = None,
    dataset: str = "",
) -> Mapping[str, tuple[ElementProposal, ...]]:
    """Field name → its proposals, the best first; empty where nothing fits. ``refused`` are (field, element) pairs.

    ``known``: what fields of other datasets are; by default the bindings of the registry's contracts. What belongs to
    ``dataset`` itself is left out of them.
    """
    learned = contract_mappings(registry) if known is None else known
    titles = {contract.dataset: contract.title.zh for contract in registry.contracts.values()}
    return element_engine(registry).propose(fields, refused, Learning(learned, titles, dataset), PROPOSED)
