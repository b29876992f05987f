"""Search for marts, tables and columns by words in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from citylake.pipelines.serve.mart_facts import Facts, MartFacts
from citylake.schemas.base.fuzzy_match import normalize_word

_NAMES = ("title_zh", "title_en", "name_zh", "name_en", "element")
_TEXTS = ("comment", "text_zh", "text_en", "definition_zh", "definition_en", "description_zh", "description_en")
_SAME, _INSIDE, _DEFINED, _ALIKE = 1.0, 0.8, 0.5, 0.4
_LEAST = 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """One place that the words may mean; ``facts``: the names and the unit that it has. ``score``: 0 to 1."""

    kind: str
    mart: str
    table: str
    column: str
    score: float
    facts: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        place = {"kind": self.kind, "mart": self.mart, "table": self.table, "column": self.column}
        return {name: value for name, value in place.items() if value} | dict(self.facts) | {"score": self.score}


def find_in_marts(text: str, marts: Iterable[MartFacts], elements: Mapping[str, float], most: int) -> list[Found]:
    """The marts, tables and columns that ``text`` may mean, the likeliest first.

    ``elements``: the score of each data element that the text may mean; a column with one of these has it as well.
    """
    words = [word for word in map(normalize_word, text.split()) if word]
    found = [each for mart in marts for each in _places(words, mart, elements) if each.score >= _LEAST]
    return sorted(found, key=lambda each: (-each.score, each.mart, each.table, each.column))[:most]


def _places(words: list[str], mart: MartFacts, elements: Mapping[str, float]) -> Iterator[Found]:
    name = mart.pointer.mart
    yield Found("mart", name, "", "", _score(words, [name], mart.passport), _shown(mart.passport))
    for asked in mart.questions:
        shown = {name: asked[name] for name in ("question", "text_zh", "text_en", "sql")}
        yield Found("question", name, "", "", _score(words, [str(asked["question"])], asked), shown)
    for table, facts in mart.tables.items():
        yield Found("table", name, table, "", _score(words, [table], facts), _shown(facts))
    for (table, column), facts in mart.columns.items():
        known = elements.get(str(facts.get("element", "")), 0.0)
        score = max(_score(words, [column], facts), known)
        yield Found("column", name, table, column, score, _shown(facts))


def _shown(facts: Facts) -> dict[str, Any]:
    named = [name for name in _NAMES if name in facts] or ["comment"]
    return {name: facts[name] for name in (*named, "unit", "type") if name in facts}


def _score(words: list[str], names: list[str], facts: Facts) -> float:
    """The mean over the words: how near each is to a name, or to a text."""
    known = [normalize_word(str(each)) for each in (*names, *(facts[name] for name in _NAMES if name in facts))]
    texts = [normalize_word(str(facts[name])) for name in _TEXTS if name in facts]
    scores = [_word_score(word, known, texts) for word in words]
    return round(sum(scores) / len(scores), 4) if scores else 0.0


def _word_score(word: str, names: list[str], texts: list[str]) -> float:
    if word in names:
        return _SAME
    if any(word in name for name in names):
        return _INSIDE
    if any(word in text for text in texts):
        return _DEFINED
    # Chinese has no spaces between words: what the pairs of characters have in common.
    pairs = {"".join(pair) for pair in pairwise(word)}
    shared = max((len(pairs & {"".join(pair) for pair in pairwise(each)}) for each in (*names, *texts)), default=0)
    return _ALIKE * shared / len(pairs) if len(pairs) > 1 and shared > 1 else 0.0
