"""Which elements a field may be, by what it is called, and by what its values can only be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.probe.values import fits
from schemas.code_index import entries
from schemas.element import DataElement
from schemas.elements_view import nearest
from schemas.nearest import plain
from schemas.registry import Registry

_ALIKE = 0.85
_LONG_ENOUGH = 5
"""Letters from which a name that is only alike says something."""
_SAY_NOTHING = frozenset(("id", "no", "name", "type", "code", "value", "编号", "名称", "类型", "代码"))
"""What fields of any meaning are called."""
_GENERAL = ("time.observed_at", "time.day")
"""What a time is, and a date, whose name says nothing."""


@dataclass(frozen=True, slots=True)
class Names:
    """Element ids by every word that people have for them, in small letters and without signs."""

    by_word: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, registry: Registry) -> Names:
        """The names of a workspace's elements."""
        found: dict[str, tuple[str, ...]] = {}
        for element in registry.elements.values():
            words = (element.id, element.symbol, element.name.zh, element.name.en, *element.synonyms)
            for word in {plain(word) for word in words} - {""}:
                found[word] = (*found.get(word, ()), element.id)
        for contract in registry.contracts.values():
            for field, binding in contract.fields.items():
                found[plain(field)] = tuple(dict.fromkeys((binding.element, *found.get(plain(field), ()))))
        return cls({word: ids for word, ids in found.items() if word not in _SAY_NOTHING})


def candidates(field: str, values: Sequence[str], names: Names, registry: Registry) -> Iterator[DataElement]:
    """Likely elements, likeliest first: called so; called much like it; or what such values can only be."""
    last = field.rpartition(".")[2]
    exact = (*names.by_word.get(plain(field), ()), *names.by_word.get(plain(last), ()))
    alike = nearest(field, registry, cutoff=_ALIKE) if len(field) >= _LONG_ENOUGH else []
    for name in dict.fromkeys((*exact, *alike, *_GENERAL)):
        if name in registry.elements:
            yield registry.elements[name]
    yield from _by_codes(values, registry)


def _by_codes(values: Sequence[str], registry: Registry) -> Iterator[DataElement]:
    """Elements whose code list has words for all the values; numbers are in too many lists to say anything."""
    if len(values) < 2 or any(re.fullmatch(r"[\W\d_]*", value) for value in values):
        return
    for element in registry.elements.values():
        codes = registry.codes.get(element.codes) if element.codes else None
        if codes is not None and entries(codes) and fits(element, values, registry):
            yield element
