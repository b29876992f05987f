"""Candidate elements of a field, by its name and its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from citylake.pipelines.onboard.detect_values import fits_element
from citylake.schemas.base.fuzzy_match import normalize_word
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry

_ALIKE = 0.85
_LONG_ENOUGH = 5
"""The shortest name that is compared by similarity, characters."""
_SAY_NOTHING = frozenset(("id", "no", "name", "type", "code", "value", "编号", "名称", "类型", "代码"))
"""Field names without a specific meaning."""
_GENERAL = ("time.observed_at", "time.day")
"""The elements of a time and of a date whose name says nothing."""


@dataclass(frozen=True, slots=True)
class ElementNames:
    """Element ids by all of their names and synonyms, normalized."""

    by_word: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, registry: Registry) -> ElementNames:
        """The names of a workspace's elements."""
        found: dict[str, tuple[str, ...]] = {}
        for element in registry.elements.values():
            words = (element.id, element.symbol, element.name.zh, element.name.en, *element.synonyms)
            for word in {normalize_word(word) for word in words} - {""}:
                found[word] = (*found.get(word, ()), element.id)
        for contract in registry.contracts.values():
            for field, binding in contract.fields.items():
                found[normalize_word(field)] = tuple(
                    dict.fromkeys((binding.element, *found.get(normalize_word(field), ())))
                )
        return cls({word: ids for word, ids in found.items() if word not in _SAY_NOTHING})


def rank_elements(field: str, values: Sequence[str], names: ElementNames, registry: Registry) -> Iterator[DataElement]:
    """Likely elements, the likeliest first: by the same name, by a similar name, or by values that fit only them."""
    last = field.rpartition(".")[2]
    exact = (*names.by_word.get(normalize_word(field), ()), *names.by_word.get(normalize_word(last), ()))
    alike = nearest_elements(field, registry, cutoff=_ALIKE) if len(field) >= _LONG_ENOUGH else []
    for name in dict.fromkeys((*exact, *alike, *_GENERAL)):
        if name in registry.elements:
            yield registry.elements[name]
    yield from _elements_by_codes(values, registry)


def _elements_by_codes(values: Sequence[str], registry: Registry) -> Iterator[DataElement]:
    """Elements whose code list contains all values; numbers are ignored, because they are in too many lists."""
    if len(values) < 2 or any(re.fullmatch(r"[\W\d_]*", value) for value in values):
        return
    for element in registry.elements.values():
        codes = registry.codes.get(element.codes) if element.codes else None
        if codes is not None and code_entries(codes) and fits_element(element, values, registry):
            yield element
