"""The share of a field's values that an element's code list has."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.match.value_findings import (
    NOTHING_FOUND,
    ValueFindings,
    percent,
    rules_out,
    speaks_against,
    speaks_for,
)
from citylake.pipelines.match.value_profile import ValueProfile
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

_MOST, _FEW, _FEWEST = 0.9, 0.2, 2
_TEXTS: dict[int, tuple[CodeList, frozenset[str]]] = {}


def code_texts(codes: CodeList) -> frozenset[str]:
    """Codes, names and aliases of a list, in lower case; empty for a list that a table has."""
    known = _TEXTS.get(id(codes))
    if known is None or known[0] is not codes:
        known = (codes, frozenset(entry.text.casefold() for entry in code_entries(codes)))
        _TEXTS[id(codes)] = known
    return known[1]


def elements_by_codes(profile: ValueProfile, elements: Sequence[DataElement], registry: Registry) -> list[int]:
    """The places of the elements whose code list has nearly all of a field's values, if these are not only digits."""
    if len(profile.values) < _FEWEST or profile.digits_share > 1 - _MOST:
        return []
    return [
        place for place, each in enumerate(elements) if each.codes and _code_share(each, profile, registry) >= _MOST
    ]


def _code_share(element: DataElement, profile: ValueProfile, registry: Registry) -> float:
    codes = registry.codes.get(element.codes) if element.codes else None
    texts = code_texts(codes) if codes is not None else frozenset()
    return len(profile.folded & texts) / len(profile.folded)


def check_codes(element: DataElement, profile: ValueProfile, registry: Registry) -> ValueFindings:
    """Values of the list speak for it, names more than numbers; more different values than the list has, against."""
    codes = registry.codes.get(element.codes) if element.codes else None
    texts = code_texts(codes) if codes is not None else frozenset()
    if not texts:
        return NOTHING_FOUND
    share = len(profile.folded & texts) / len(profile.folded)
    if share >= _MOST:
        spoken = 1 - profile.digits_share
        telling = 0.25 if spoken < 0.5 or len(profile.values) < 2 else 0.7
        return speaks_for("code_list", telling, share=percent(share), codes=element.codes or "")
    assert codes is not None
    if share < _FEW and len(profile.values) > 2 * len(codes.values):
        return rules_out("too_many_codes", values=len(profile.values), codes=len(codes.values))
    return speaks_against("code_list_share", 0.35 * (1 - share), share=percent(share), codes=element.codes or "")
