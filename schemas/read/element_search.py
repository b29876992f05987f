"""Search for data elements, and the description of one."""

from __future__ import annotations

from typing import Any

from citylake.schemas.base.fuzzy_match import LIKENESS, nearest_keys
from citylake.schemas.model.element import DataElement
from citylake.schemas.notation import parse_format
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def describe_element(element: DataElement, registry: Registry) -> dict[str, Any]:
    """Everything that is declared about ``element``, ready for JSON.

    Its attributes, the canonical form of its 表示格式, its code list with all values, and the source fields that
    contracts bind to it.
    """
    codes = registry.codes.get(element.codes) if element.codes else None
    sharing = element.sharing
    return element.model_dump(mode="json") | {
        # Words that are no part of a fingerprint are no part of the dump.
        **{name: getattr(element, name) for name in ("measure", "weight", "edition", "frame", "label")},
        "sharing": sharing.model_dump(mode="json") if sharing else None,
        "canonical_format": parse_format(element.format).as_json() if element.format else None,
        "code_list": codes.model_dump(mode="json") if codes else None,
        "bound_by": [
            {"dataset": contract.dataset, "field": field, "column": binding.column or element.symbol}
            for contract in registry.contracts.values()
            for field, binding in contract.fields.items()
            if binding.element == element.id
        ],
    }


def find_element(text: str, registry: Registry) -> DataElement:
    """The element with this id or symbol; raises ELEMENT_NOT_FOUND with the three nearest."""
    known = registry.elements.get(text)
    if known is None:
        known = next((element for element in registry.elements.values() if element.symbol == text), None)
    if known is None:
        raise CitylakeError("ELEMENT_NOT_FOUND", element=text, suggestion=", ".join(nearest_elements(text, registry)))
    return known


def nearest_elements(text: str, registry: Registry, n: int = 3, cutoff: float = LIKENESS) -> list[str]:
    """Ids of the ``n`` elements with an id, symbol, name or synonym most similar to ``text``, from ``cutoff`` on."""
    meanings: dict[str, str] = {}
    for element in registry.elements.values():
        for word in (element.id, element.id.rpartition(".")[2], element.symbol, element.name.zh, element.name.en):
            meanings.setdefault(word, element.id)
        for word in element.synonyms:
            meanings.setdefault(word, element.id)
    return nearest_keys(text, meanings, n, cutoff)
