"""Chinese names of fields: how often their element is proposed, without the synonym that equals the name and with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.match.pairs import ChinesePair, chinese_pairs
from citylake.pipelines.match.element_engine import ElementEngine, Learning
from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.match.name_words import joined_name
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry, load_registry


@dataclass(frozen=True, slots=True)
class ChineseShare:
    """The shares (0 to 1) of names whose element is the first, or one of the first three."""

    name: str
    asked: int
    first: float
    third: float


def measure_chinese(workspace: Path) -> Iterator[ChineseShare]:
    """The shares over ``chinese_pairs.yaml``, with the elements of a workspace."""
    registry = load_registry(workspace)
    pairs = [each for each in chinese_pairs() if each.element in registry.elements]
    without = list(_without_equal(registry, pairs))
    yield _measure("names, without the equal synonym", without, values=False)
    yield _measure("names and values, without the equal synonym", without, values=True)
    whole = ElementEngine(registry, tuple(registry.elements.values()))
    yield _measure("names and values, with synonyms", [(whole, pairs)], values=True)


def _without_equal(
    registry: Registry, pairs: Sequence[ChinesePair]
) -> Iterator[tuple[ElementEngine, list[ChinesePair]]]:
    """Engines for pairs of different elements: each element without the synonym that is the name of its pair."""
    seen: Counter[str] = Counter()
    rounds: dict[int, list[ChinesePair]] = {}
    for pair in pairs:
        rounds.setdefault(seen[pair.element], []).append(pair)
        seen[pair.element] += 1
    for chosen in rounds.values():
        elements = dict(registry.elements)
        for pair in chosen:
            elements[pair.element] = _without(elements[pair.element], pair.name)
        yield ElementEngine(replace(registry, elements=elements), tuple(elements.values())), chosen


def _without(element: DataElement, name: str) -> DataElement:
    others = tuple(each for each in element.synonyms if joined_name(each) != joined_name(name))
    return element.model_copy(update={"synonyms": others})


def _measure(name: str, asked: Sequence[tuple[ElementEngine, Sequence[ChinesePair]]], *, values: bool) -> ChineseShare:
    places = [_place(engine, pair, values=values) for engine, pairs in asked for pair in pairs]
    first, third = (sum(place < count for place in places) / len(places) for count in (1, 3))
    return ChineseShare(name, len(places), first, third)


def _place(engine: ElementEngine, pair: ChinesePair, *, values: bool) -> int:
    """The place of the right element among the proposals, from 0; 3 if it is none of them."""
    facts = FieldFacts(pair.name, values=tuple(map(str, pair.values)) if values else ())
    found = [each.element for each in engine.propose([facts], (), Learning(), 3)[facts.name]]
    return found.index(pair.element) if pair.element in found else 3
