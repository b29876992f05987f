"""What the checks of values give: evidence, how much it tells, and whether it rules an element out."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.pipelines.match.field_proposal import MatchEvidence


@dataclass(frozen=True, slots=True)
class ValueFindings:
    """``telling``: 0 (any element could have such values) to 1 (only this one). ``contradicted``: it cannot be this."""

    evidence: tuple[MatchEvidence, ...] = ()
    telling: float = 0.0
    contradicted: bool = False


NOTHING_FOUND = ValueFindings()


def speaks_for(code: str, telling: float, **values: str | int | float) -> ValueFindings:
    """Values that fit."""
    return ValueFindings((MatchEvidence("value", code, telling, values),), telling)


def speaks_against(code: str, weight: float, **values: str | int | float) -> ValueFindings:
    """Values that make an element unlikely."""
    return ValueFindings((MatchEvidence("value", code, -weight, values),))


def rules_out(code: str, **values: str | int | float) -> ValueFindings:
    """Values that an element cannot have."""
    return ValueFindings((MatchEvidence("value", code, -1.0, values),), contradicted=True)


def join_findings(*found: ValueFindings) -> ValueFindings:
    """All evidence; the strongest statement tells."""
    return ValueFindings(
        tuple(each for part in found for each in part.evidence),
        max((part.telling for part in found), default=0.0),
        any(part.contradicted for part in found),
    )


def percent(share: float) -> int:
    """A share for a message, in percent."""
    return round(share * 100)
