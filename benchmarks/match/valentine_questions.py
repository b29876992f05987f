"""The questions of both sets as valentine is asked them, and its answers as ranks of the right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.match.pairs import ChinesePair, CouncilColumn
from citylake.schemas.base.fuzzy_match import normalize_word
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

BY_NAME, BY_VALUE = ("coma", "similarity_flooding"), ("distribution_based", "jaccard")
_TABLE = "elements"


@dataclass(frozen=True, slots=True)
class Questions:
    """``given`` is the JSON of the peer; ``stands_for`` gives what a column means, ``left_out`` what a question may
    not use, ``right`` the right answers."""

    given: Mapping[str, Any]
    right: Sequence[frozenset[str]]
    stands_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    left_out: Sequence[frozenset[str]] = ()


def chinese_names(pairs: Sequence[ChinesePair], registry: Registry, *, synonyms: bool = True) -> Questions:
    """Every name, symbol and synonym of every element is a column; the synonym that equals the field is left out.

    Without ``synonyms``, the Chinese name alone: similarity flooding takes hours for a graph of 2,300 columns.
    """
    columns: dict[str, set[str]] = {}
    for element in registry.elements.values():
        for word in (*_names(element), *element.synonyms) if synonyms else (element.name.zh,):
            columns.setdefault(word, set()).add(element.id)
    own = {name for element in registry.elements.values() for name in _names(element)}
    equal = [
        frozenset(word for word in columns if word not in own and normalize_word(word) == normalize_word(pair.name))
        for pair in pairs
    ]
    asked = [{"name": pair.name, "values": [], "table": _TABLE} for pair in pairs]
    stands_for = {word: frozenset(ids) for word, ids in columns.items()}
    given = {"tables": {_TABLE: dict.fromkeys(columns, ())}, "asked": asked}
    return Questions(given, [frozenset([pair.element]) for pair in pairs], stands_for, equal)


def chinese_values(pairs: Sequence[ChinesePair], registry: Registry) -> Questions:
    """Every code list, and the values of every other pair, are columns; a field's own values are left out."""
    columns = {f"pair {number}": list(pair.values) for number, pair in enumerate(pairs)}
    stands_for = {f"pair {number}": frozenset([pair.element]) for number, pair in enumerate(pairs)}
    for element in registry.elements.values():
        codes = registry.codes.get(element.codes or "")
        if codes and codes.values:
            words = [word for value in codes.values for word in (value.code, value.name.zh, *value.aliases)]
            columns[f"codes of {element.id}"] = words
            stands_for[f"codes of {element.id}"] = frozenset([element.id])
    asked = [
        {"name": f"field {number}", "values": list(pair.values), "table": _TABLE} for number, pair in enumerate(pairs)
    ]
    own = [frozenset([f"pair {number}"]) for number in range(len(pairs))]
    given = {"tables": {_TABLE: columns}, "asked": asked}
    return Questions(given, [frozenset([pair.element]) for pair in pairs], stands_for, own)


def chinese_halves(pairs: Sequence[ChinesePair]) -> Questions:
    """Every tenth pair is asked (27); the columns are the elements with the values of the pairs with an odd place.

    Only pairs whose element has such a column; few, for the method compares every two columns of both tables.
    """
    columns: dict[str, list[str]] = {}
    for pair in pairs[1::2]:
        columns.setdefault(pair.element, []).extend(pair.values)
    kept = [pair for pair in pairs[::2] if pair.element in columns][::5]
    asked = [
        {"name": f"field {number}", "values": list(pair.values), "table": _TABLE} for number, pair in enumerate(kept)
    ]
    return Questions({"tables": {_TABLE: columns}, "asked": asked}, [frozenset([pair.element]) for pair in kept])


def council_names(columns: Sequence[CouncilColumn]) -> Questions:
    """The fields of the dataset are the columns."""
    tables = {each.dataset: dict.fromkeys(each.candidates, ()) for each in columns}
    asked = [{"name": each.column, "values": [], "table": each.dataset} for each in columns]
    return Questions({"tables": tables, "asked": asked}, [each.fields for each in columns])


def right_within(questions: Questions, answers: Sequence[Sequence[tuple[str, float]]], n: int) -> float:
    """The share of questions whose right answer is among the first ``n`` different ones (0 to 1)."""
    found = 0
    for number, (right, answer) in enumerate(zip(questions.right, answers, strict=True)):
        left_out = questions.left_out[number] if questions.left_out else frozenset()
        ranked: dict[str, None] = {}
        for column, _ in answer:
            if column not in left_out:
                ranked |= dict.fromkeys(sorted(questions.stands_for.get(column, frozenset([column]))))
        found += bool(right & set(list(ranked)[:n]))
    return found / len(questions.right)


def _names(element: DataElement) -> tuple[str, ...]:
    return (element.name.zh, element.name.en, element.symbol)
