"""Evidence for and against an element, in the words of the interface."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.pipelines.match.field_proposal import ElementProposal, MatchEvidence
from citylake.schemas.words.message_catalogue import current_language, translations_of


def say_evidence(evidence: MatchEvidence, language: str | None = None) -> str:
    """One reason; its code where the catalogue has no text for it."""
    language = language or current_language()
    found = translations_of(f"match.{evidence.code}")
    return found.say(language).format_map(dict(evidence.values)) if found else evidence.code


def say_all(evidence: Iterable[MatchEvidence], language: str | None = None) -> str:
    """Every reason with its sign: ``+`` for, ``−`` against."""
    return "; ".join(f"{'−' if each.weight < 0 else '+'} {say_evidence(each, language)}" for each in evidence)


def say_proposal(proposal: ElementProposal, language: str | None = None) -> str:
    """The element with its score, and the reasons."""
    reasons = say_all(proposal.evidence, language)
    return f"{proposal.element} ({proposal.score:.2f})" + (f": {reasons}" if reasons else "")
