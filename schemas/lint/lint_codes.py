"""Checks of code lists and crosswalks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from citylake.schemas.base.fuzzy_match import FEW_WORDS, nearest_keys, nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.code_index import CodeEntry, code_entries
from citylake.schemas.model.code_list import CodeList, CodeValue, Crosswalk
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry, YamlLocation

DateSpan = tuple[date, date]


def check_codes(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every code list and crosswalk."""
    for code_list in registry.codes.values():
        place = registry.places["codes", code_list.id]
        own = place.path.is_relative_to(registry.workspace.root)
        yield from _list_faults(code_list, place) if own else _base_list_faults(code_list, place)
    for crosswalk in registry.crosswalks.values():
        yield from _crosswalk(crosswalk, registry)


_base_lists: dict[int, tuple[CodeList, tuple[LintFault, ...]]] = {}
"""The faults of lists of packs and extended workspaces, by ``id()`` of the list; each is kept, so that its id stays."""


def _base_list_faults(code_list: CodeList, place: YamlLocation) -> tuple[LintFault, ...]:
    if id(code_list) not in _base_lists:
        _base_lists[id(code_list)] = (code_list, tuple(_list_faults(code_list, place)))
    return _base_lists[id(code_list)][1]


def _list_faults(code_list: CodeList, place: YamlLocation) -> Iterator[LintFault]:
    yield from _successors(code_list, place)
    yield from _overlaps(code_list, place)
    yield from _claims(code_list, place)


def accepts_code(code_list: CodeList, code: str) -> bool:
    """Whether ``code`` is in the list or in one of its open ranges; a list with a table accepts every code here."""
    if code_list.table is not None:
        return True
    listed = any(value.code == code for value in code_list.values)
    return listed or any(len(code) == len(r.first) and r.first <= code <= r.last for r in code_list.extensible)


def _successors(code_list: CodeList, place: YamlLocation) -> Iterator[LintFault]:
    known = [value.code for value in code_list.values]
    for number, value in enumerate(code_list.values):
        for successor in value.successors:
            if not accepts_code(code_list, successor) or successor == value.code:
                values = {"list": code_list.id, "code": value.code, "successor": successor}
                near = nearest_words(successor, (code for code in known if code != value.code))
                yield LintFault(
                    "SUCCESSOR_UNKNOWN",
                    sub_location(place, "values", number, "successors"),
                    values | {"suggestion": near},
                )


def _overlaps(code_list: CodeList, place: YamlLocation) -> Iterator[LintFault]:
    """A code that is valid twice on the same day."""
    spans: dict[str, list[DateSpan]] = {}
    for number, value in enumerate(code_list.values):
        span = _span(code_list, value)
        here = sub_location(place, "values", number)
        if span[0] >= span[1]:
            yield LintFault(
                "VALIDITY_EMPTY", sub_location(here, "valid_to"), {"list": code_list.id, "code": value.code}
            )
        if any(_overlap(span, other) for other in spans.get(value.code, ())):
            yield LintFault("VALIDITY_OVERLAP", sub_location(here, "code"), {"list": code_list.id, "code": value.code})
        spans.setdefault(value.code, []).append(span)


def _claims(code_list: CodeList, place: YamlLocation) -> Iterator[LintFault]:
    """A text for two codes on the same day, which is ambiguous."""
    claimed: dict[str, list[tuple[CodeValue, DateSpan]]] = {}
    for number, value in enumerate(code_list.values):
        span = _span(code_list, value)
        for text in dict.fromkeys((value.code, value.name.zh, value.name.en, *value.aliases)):
            rivals = [
                other for other, days in claimed.get(text, ()) if other.code != value.code and _overlap(span, days)
            ]
            if rivals:
                values = {"list": code_list.id, "text": text, "code": value.code, "other": rivals[0].code}
                key = "aliases" if text in value.aliases else "name" if text != value.code else "code"
                yield LintFault("ALIAS_TWICE", sub_location(place, "values", number, key), values)
            claimed.setdefault(text, []).append((value, span))


def _crosswalk(crosswalk: Crosswalk, registry: Registry) -> Iterator[LintFault]:
    place = registry.places["crosswalk", crosswalk.id]
    element = registry.elements.get(crosswalk.to)
    if element is None:
        values = {"name": crosswalk.to, "suggestion": nearest_elements(crosswalk.to, registry)}
        yield LintFault("ELEMENT_UNKNOWN", sub_location(place, "to"), values)
        return
    codes = registry.codes.get(element.codes or "")
    for word, code in crosswalk.pairs.items() if codes else ():
        if codes and not accepts_code(codes, code):
            values = {"word": word, "code": code, "list": codes.id, "suggestion": nearest_codes(code, codes)}
            yield LintFault("CODE_TARGET_UNKNOWN", sub_location(place, "pairs", word), values)


def nearest_codes(text: str, codes: CodeList) -> list[str]:
    """All codes if they are few; otherwise those that ``text`` looks like, by code, name or alias."""
    known: list[CodeEntry] = code_entries(codes)
    alike = nearest_keys(text, {entry.text: entry.code for entry in reversed(known)}, cutoff=0.4)
    every = list(dict.fromkeys(value.code for value in codes.values))
    return list(dict.fromkeys([*alike, *(every if len(every) <= FEW_WORDS else [])]))


def _span(code_list: CodeList, value: CodeValue) -> DateSpan:
    edition = next((each for each in code_list.editions if each.edition == value.edition), None)
    valid_from = value.valid_from or (edition.valid_from if edition else None)
    valid_to = value.valid_to or (edition.valid_to if edition else None)
    return valid_from or date.min, valid_to or date.max


def _overlap(one: DateSpan, other: DateSpan) -> bool:
    return one[0] < other[1] and other[0] < one[1]
