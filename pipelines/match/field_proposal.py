"""What is known of a field, and what is proposed for it: elements with evidence for and against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

EvidenceKind = Literal["name", "value", "context"]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of a source as a person sees it: its names, some of its values, and what stands around it.

    ``values`` are at most a few hundred distinct values, none of them blank, in the order of the source; ``rows`` and
    ``empty`` count the rows of the sample and those without a value.
    """

    name: str
    description: str = ""
    values: tuple[str, ...] = ()
    rows: int = 0
    empty: int = 0
    neighbours: tuple[str, ...] = ()
    """The other fields of the table."""
    table: str = ""
    """The title of the table or the name of its file."""
    department: str = ""


@dataclass(frozen=True, slots=True)
class MatchEvidence:
    """One reason for an element (``weight`` above 0) or against it (below 0).

    ``code`` is the key of a message ``match.CODE``, and ``values`` fill it in.
    """

    kind: EvidenceKind
    code: str
    weight: float
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ElementProposal:
    """An element that a field may be. ``score`` is 0 to 1; with ``sure``, no person needs to choose.

    An element that the values contradict is never proposed.
    """

    field: str
    element: str
    score: float
    sure: bool
    evidence: tuple[MatchEvidence, ...] = ()

    @property
    def counter_evidence(self) -> tuple[MatchEvidence, ...]:
        """The reasons against."""
        return tuple(each for each in self.evidence if each.weight < 0)
