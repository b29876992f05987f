"""The codes of a field's values: by the mapping of another dataset, or open, with the values that have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.element import DataElement

_SHOWN = 8


def prove_codes(element: DataElement, values: Sequence[str], known: KnownTables) -> BindingProof:
    """``codes`` as another dataset maps the same values; the note which values are in no code list."""
    codes = known.registry.codes.get(element.codes) if element.codes else None
    if codes is None or codes.table or not values:
        return BindingProof()
    declared = {entry.text for entry in code_entries(codes)}
    unknown = [value for value in values if value.strip() not in declared]
    if not unknown:
        return BindingProof()
    for dataset, mapping in _mappings(element, known):
        if set(unknown) <= mapping.keys():
            return BindingProof(
                {"codes": {value: mapping[value] for value in unknown}}, [("codes", {"dataset": dataset})]
            )
    shown = ", ".join(unknown[:_SHOWN]) + (" …" if len(unknown) > _SHOWN else "")
    return BindingProof({}, [("codes_unknown", {"list": codes.id, "values": shown})])


def _mappings(element: DataElement, known: KnownTables) -> list[tuple[str, Mapping[str, str]]]:
    """What the other contracts declare for the element."""
    return [
        (contract.dataset, binding.codes)
        for contract in known.registry.contracts.values()
        for binding in contract.fields.values()
        if binding.element == element.id and binding.codes and contract.dataset != known.dataset
    ]
