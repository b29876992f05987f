"""The acts that would open most: which field to bind, which register to load, which codes to map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from citylake.pipelines.silo.department_pairs import OwnerPair, Sketches
from citylake.pipelines.silo.element_use import ElementUse
from citylake.pipelines.silo.find_paths import JoinSide
from citylake.pipelines.silo.key_sketch import KeySketch, meet_sketches
from citylake.pipelines.silo.unbound_fields import UnboundField
from citylake.schemas.words.message_catalogue import translate_key

MOST_ACTS: Final = 5
_MAPPED: Final = 0.98
"""The share of values from which on there is nothing to map."""
ActKind = Literal["bind", "load", "map"]


@dataclass(frozen=True, slots=True)
class NextAct:
    """One act with what it is expected to open.

    ``departments``: departments that it would connect with the act's own; ``values``: key values that would meet, as
    far as samples or sketches show. ``subject``: the field, dataset or domain that it is about.
    """

    kind: ActKind
    department: str
    dataset: str
    subject: str
    element: str
    departments: tuple[str, ...]
    values: int
    sampled: bool
    """Whether the values are counted in data, and not only expected from names."""

    @property
    def rank(self) -> tuple[float, ...]:
        """The greater, the more it opens: departments that would be connected, then values, counted ones first."""
        return (len(self.departments), self.sampled, self.values)

    def text(self, language: str) -> str:
        """Return the act as a sentence."""
        values = {
            "department": self.department,
            "dataset": self.dataset,
            "subject": self.subject,
            "element": self.element,
            "departments": translate_key("silo.and", language).join(self.departments),
            "values": f"{self.values:,}",
        }
        counted = "" if self.sampled else "_by_name"
        return translate_key(f"silo.act_{self.kind}{counted}", language, **values)

    def document(self) -> dict[str, Any]:
        """Return the act ready for JSON, with its text in both languages."""
        return {
            "kind": self.kind,
            "department": self.department,
            "dataset": self.dataset,
            "subject": self.subject,
            "element": self.element,
            "departments": list(self.departments),
            "values": self.values,
            "sampled": self.sampled,
            "text": {language: self.text(language) for language in ("zh", "en")},
        }


def rank_acts(acts: Iterable[NextAct]) -> list[NextAct]:
    """Return the acts that open most, one of each subject, at most ``MOST_ACTS``."""
    ordered = sorted(acts, key=lambda each: (each.department, each.dataset, each.subject))
    best: dict[tuple[str, str], NextAct] = {}
    for act in sorted(ordered, key=lambda each: each.rank, reverse=True):
        best.setdefault((act.dataset, act.subject), act)
    return list(best.values())[:MOST_ACTS]


def bind_acts(
    unbound: Sequence[UnboundField],
    uses: Sequence[ElementUse],
    domains: Mapping[str, str],
    sketches: Sketches,
    hashed: Mapping[tuple[str, str], KeySketch],
) -> Iterator[NextAct]:
    """Yield the acts of binding a field. ``sketches``: of departments; ``hashed``: the sampled values of fields."""
    by_element = {each.element: each for each in uses}
    for each in unbound:
        use = by_element.get(each.element)
        if use is None or not use.joins:
            continue
        others = tuple(name for name, state in use.states.items() if state == "bound" and name != each.department)
        sample = hashed.get((each.dataset, each.field))
        known = [
            sketches[name][domains[each.element]] for name in others if domains[each.element] in sketches.get(name, {})
        ]
        met = max((meet_sketches(sample, one).met for one in known), default=0) if sample else 0
        if others:
            yield NextAct(
                "bind", each.department, each.dataset, each.field, each.element, others, met, sampled=bool(met)
            )


def load_acts(sides: Mapping[str, JoinSide], loaded: set[str], sketches: Sketches) -> Iterator[NextAct]:
    """Yield the acts of loading a declared dataset that has no rows: its values would meet those of the others."""
    for name, side in sides.items():
        if name in loaded:
            continue
        department = side.contract.owner.department
        for column in side.columns:
            having = {
                other: of[column.domain].distinct
                for other, of in sketches.items()
                if column.domain in of and other != department and column.kind in ("identifier", "code")
            }
            if having:
                values = max(having.values())
                yield NextAct(
                    "load",
                    department,
                    name,
                    column.column,
                    column.element,
                    tuple(sorted(having)),
                    values,
                    sampled=False,
                )


def map_acts(pairs: Sequence[OwnerPair], sources: Mapping[tuple[str, str], str]) -> Iterator[NextAct]:
    """Yield the acts of mapping values of one domain that two departments write differently.

    ``sources``: (department, domain) → the dataset that has most values of it. The side with fewer values is the one
    that could meet the other wholly.
    """
    for pair in pairs:
        for each in pair.domains:
            fewer, more = (pair.left, pair.right) if each.left_keys <= each.right_keys else (pair.right, pair.left)
            least = min(each.left_keys, each.right_keys)
            if least and each.met < _MAPPED * least:
                opened, missing = (more,) if each.met == 0 else (), least - each.met
                dataset, other = sources[fewer, each.domain], sources[more, each.domain]
                yield NextAct("map", fewer, dataset, other, each.domain, opened, missing, sampled=True)
