"""Names, values and context together: the proposals for the fields of a table from a registry's elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from citylake.pipelines.match.code_share import elements_by_codes
from citylake.pipelines.match.field_proposal import ElementProposal, FieldFacts, MatchEvidence
from citylake.pipelines.match.known_mappings import KnownMapping
from citylake.pipelines.match.known_names import KnownNames, LearnedScores, is_same_name
from citylake.pipelines.match.match_target import element_targets
from citylake.pipelines.match.name_scores import Floats, NameScore, NameScores
from citylake.pipelines.match.sure_proposals import judge_first, keep_one_field
from citylake.pipelines.match.table_context import TableContext
from citylake.pipelines.match.table_names import TableNames
from citylake.pipelines.match.value_checks import CHECKED_LENGTHS, check_values
from citylake.pipelines.match.value_findings import ValueFindings
from citylake.pipelines.match.value_profile import ValueProfile
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

_NAMED, _EXAMINED = 0.35, 12
"""The least score of a name that is proposed, and the elements whose values are examined."""
_ALONE = 0.6
"""Values that tell so much are proposed whatever the name is."""
_COVERED, _MOST_RIVALS = 0.85, 12
"""An element that has so much of the field's name could be meant, too."""


@dataclass(slots=True)
class ElementEngine:
    """Made once for a registry; used for any number of tables."""

    registry: Registry
    elements: tuple[DataElement, ...]
    names: NameScores = field(init=False)
    _known: tuple[tuple[KnownMapping, ...], KnownNames] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.names = NameScores(element_targets(self.elements))

    def propose(
        self, fields: Sequence[FieldFacts], refused: Collection[tuple[str, str]], learning: Learning, count: int
    ) -> Mapping[str, tuple[ElementProposal, ...]]:
        """At most ``count`` elements for each field."""
        known = self._known_names(learning)
        contexts: dict[str, TableContext] = {}
        found: dict[str, list[ElementProposal]] = {}
        for facts in fields:
            if facts.table not in contexts:
                contexts[facts.table] = TableContext(self.elements, TableNames(self.names, facts.table))
            field_match = FieldMatch(self, facts, contexts[facts.table], known, learning.dataset, frozenset(refused))
            found[facts.name] = field_match.ranked()[:count]
        return keep_one_field(found)

    def _known_names(self, learning: Learning) -> KnownNames:
        mappings = tuple(learning.known)
        if self._known is None or self._known[0] != mappings:
            self._known = mappings, KnownNames(mappings, learning.titles, self.names)
        return self._known[1]


@dataclass(frozen=True, slots=True)
class Learning:
    """What is known of other datasets; ``dataset`` is the one asked about, whose own mappings are never used."""

    known: Sequence[KnownMapping] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    dataset: str = ""


@dataclass(slots=True)
class FieldMatch:
    """The work on one field."""

    engine: ElementEngine
    facts: FieldFacts
    context: TableContext
    known: KnownNames
    dataset: str
    refused: frozenset[tuple[str, str]]
    _profile: ValueProfile = field(init=False)
    _named: NameScore = field(init=False)
    _learned: LearnedScores = field(init=False)
    _scores: Floats = field(init=False)
    _timed: bool = field(init=False)
    _findings: dict[int, ValueFindings] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        view, name = self.context.view, self.facts.name
        self._profile = ValueProfile.of(self.facts.values)
        self._named = view.score(name)
        self._learned = self.known.scores(name, view, self.dataset)
        self._scores = self._learned.joined_with(self._named.targets, [each.id for each in self.engine.elements])
        self._timed = view.names_time(name)

    def ranked(self) -> list[ElementProposal]:
        """All proposals, the best first; ``sure`` is set where it is."""
        places = set(np.argsort(-self._scores, kind="stable")[:_EXAMINED].tolist())
        places |= _places_by_values(self._profile, self.engine.elements, self.engine.registry)
        found = [proposal for place in sorted(places) if (proposal := self._judge(place))]
        found.sort(key=lambda each: (-each.score, each.element))
        if not found:
            return found
        return judge_first(found, self._rivals(found[0]), named=self._is_own_name(found[0]))

    def _judge(self, place: int) -> ElementProposal | None:
        element, name = self.engine.elements[place], float(self._scores[place])
        found = self._find(place)
        unlike = name < _NAMED and found.telling < _ALONE
        if found.contradicted or unlike or (self.facts.name, element.id) in self.refused:
            return None
        code, term = self._named.reason(self.engine.names.table, place)
        around = tuple(self.context.reasons(self.facts, element))
        evidence = (MatchEvidence("name", code, round(name, 4), {"term": term}), *self._examples(element), *around)
        if not self._profile.values:
            evidence = (*evidence, MatchEvidence("value", "no_values", 0.0))
        score = _score(name + (1 - name) * sum(each.weight for each in around), found)
        return ElementProposal(self.facts.name, element.id, score, sure=False, evidence=(*evidence, *found.evidence))

    def _examples(self, element: DataElement) -> tuple[MatchEvidence, ...]:
        known = self._learned.examples.get(element.id)
        if known is None:
            return ()
        code = "known_field" if is_same_name(known.field, self.facts.name) else "known_words"
        weight = round(self._learned.targets[element.id], 4)
        return (MatchEvidence("name", code, weight, {"dataset": known.dataset, "field": known.field}),)

    def _rivals(self, first: ElementProposal) -> list[str]:
        """The other elements that the name fits, and that the values do not rule out."""
        likely = np.flatnonzero(self._named.covering >= _COVERED).tolist()
        likely.sort(key=lambda place: (-self._scores[place], place))
        chosen = self.engine.registry.elements[first.element]
        others = [place for place in likely[:_MOST_RIVALS] if _may_be_meant(self.engine.elements[place], chosen)]
        return [self.engine.elements[place].id for place in others if not self._find(place).contradicted]

    def _is_own_name(self, proposal: ElementProposal) -> bool:
        """Whether the field has the element's own name, or only fields bound to it have the same name elsewhere."""
        element = self.engine.registry.elements[proposal.element]
        own = (element.name.zh, element.name.en, element.symbol)
        known = self._learned.examples.items()
        same = {target for target, example in known if is_same_name(example.field, self.facts.name)}
        return any(is_same_name(self.facts.name, each) for each in own) or same == {element.id}

    def _find(self, place: int) -> ValueFindings:
        if place not in self._findings:
            element, registry = self.engine.elements[place], self.engine.registry
            self._findings[place] = check_values(element, self._profile, registry, named_as_time=self._timed)
        return self._findings[place]


def _may_be_meant(other: DataElement, chosen: DataElement) -> bool:
    """Whether ``other`` is another meaning, and not the same over another period, which its name would say."""
    return other.id != chosen.id and not (chosen.period and other.period and chosen.period != other.period)


def _score(name: float, found: ValueFindings) -> float:
    against = -sum(each.weight for each in found.evidence if each.weight < 0)
    score = name * (1 - min(against, 0.9)) if against else name + (1 - name) * 0.5 * found.telling
    return round(min(score, 1.0), 4)


def _places_by_values(profile: ValueProfile, elements: Sequence[DataElement], registry: Registry) -> set[int]:
    """The elements that values alone may tell: by a code list, check digits or geometries."""
    if not profile.values:
        return set()
    found = set(elements_by_codes(profile, elements, registry))
    usual = Counter(profile.lengths).most_common(1)[0][0]
    shapes = {name for name, length in CHECKED_LENGTHS.items() if length == usual}
    drawn = profile.geometry_share > 0.5
    return found | {
        place
        for place, each in enumerate(elements)
        if each.check_digit in shapes or (drawn and each.type == "geometry")
    }


_CACHE: list[ElementEngine] = []


def element_engine(registry: Registry) -> ElementEngine:
    """The engine of a registry; that of the last registry is kept, because it takes longer to make than to use."""
    elements = tuple(registry.elements.values())
    if not (_CACHE and _CACHE[0].registry is registry and _CACHE[0].elements == elements):
        _CACHE[:] = [ElementEngine(registry, elements)]
    return _CACHE[0]
