"""Which elements a field may be, by what it is called, and by what its values can only be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from citylake.pipelines.onboard.detect_values import fits_element
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.element_search import nearest_elements
from citylake.schemas.words.fuzzy_match import normalize_word

_ALIKE = 0.85
_LONG_ENOUGH = 5
"""Letters from which a name that is only alike says something."""
_SAY_NOTHING = frozenset(("id", "no", "name", "type", "code", "value", "编号", "名称", "类型", "代码"))
"""What fields of any meaning are called."""
_GENERAL = ("time.observed_at", "time.day")
"""What a time is, and a date, whose name says nothing."""


@dataclass(frozen=True, slots=True)
class ElementNames:
    """Element ids by every word that people have for them, in small letters and without signs."""

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
    """Likely elements, likeliest first: called so; called much like it; or what such values can only be."""
    last = field.rpartition(".")[2]
    exact = (*names.by_word.get(normalize_word(field), ()), *names.by_word.get(normalize_word(last), ()))
    alike = nearest_elements(field, registry, cutoff=_ALIKE) if len(field) >= _LONG_ENOUGH else []
    for name in dict.fromkeys((*exact, *alike, *_GENERAL)):
        if name in registry.elements:
            yield registry.elements[name]
    yield from _elements_by_codes(values, registry)


def _elements_by_codes(values: Sequence[str], registry: Registry) -> Iterator[DataElement]:
    """Elements whose code list has words for all the values; numbers are in too many lists to say anything."""
    if len(values) < 2 or any(re.fullmatch(r"[\W\d_]*", value) for value in values):
        return
    for element in registry.elements.values():
        codes = registry.codes.get(element.codes) if element.codes else None
        if codes is not None and code_entries(codes) and fits_element(element, values, registry):
            yield element
