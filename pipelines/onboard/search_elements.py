"""Search for elements by name, synonym, definition, pinyin or initials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.match.propose_elements import propose_elements
from citylake.pipelines.onboard.evidence_text import say_all
from citylake.schemas.base.fuzzy_match import normalize_word
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

_INSIDE, _DEFINED = 0.9, 0.4
"""Scores of a text that is part of a name, and of one that is in the definition alone."""


@dataclass(frozen=True, slots=True)
class FoundElement:
    """An element that a text may mean. ``score`` is 0 to 1; ``why``: the reasons, in words."""

    element: DataElement
    score: float
    why: str = ""


def search_elements(text: str, registry: Registry, limit: int = 10) -> list[FoundElement]:
    """The elements that ``text`` may mean, the likeliest first; empty if none is near."""
    wanted = normalize_word(text)
    if not wanted:
        return []
    found = {each.element.id: each for each in _by_text(wanted, registry)}
    for proposal in propose_elements([FieldFacts(text)], registry)[text]:
        known = found.get(proposal.element)
        score = max(proposal.score, known.score if known else 0.0)
        element = registry.elements[proposal.element]
        found[proposal.element] = FoundElement(element, score, say_all(proposal.evidence))
    return sorted(found.values(), key=lambda each: (-each.score, each.element.id))[:limit]


def _by_text(wanted: str, registry: Registry) -> Sequence[FoundElement]:
    """Elements with the text in one of their names, or in the definition."""
    found = []
    for element in registry.elements.values():
        names = (element.id, element.symbol, element.name.zh, element.name.en, *element.synonyms)
        words = [normalize_word(name) for name in names]
        if wanted in words:
            found.append(FoundElement(element, 1.0))
        elif any(wanted in word for word in words):
            longest = max(len(wanted) / len(word) for word in words if wanted in word)
            found.append(FoundElement(element, round(_DEFINED + (_INSIDE - _DEFINED) * longest, 4)))
        elif wanted in normalize_word(element.definition.zh + element.definition.en):
            found.append(FoundElement(element, _DEFINED))
    return found
