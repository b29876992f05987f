"""Which proposals need no person to choose, and what the others would need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citylake.pipelines.match.field_proposal import ElementProposal, MatchEvidence

_SURE, _LEAD, _TELLING, _ALONE = 0.91, 0.05, 0.2, 0.7
"""The least score, the least lead, what values must tell, and what they tell if only one element has such values."""
_LISTED, _OFTEN = 3, 0.7


def judge_first(ranked: Sequence[ElementProposal], rivals: Sequence[str], *, named: bool) -> list[ElementProposal]:
    """``ranked`` with ``sure`` set on the first, or with the reason why it is not.

    ``rivals`` are other elements that the whole name would also fit; ``named``: the name is this element's own, or that
    of a field that is bound to it elsewhere. Such a name and the fields around it are enough where values tell nothing.
    """
    if not ranked:
        return []
    first, *others = ranked
    told = max((each.weight for each in first.evidence if each.kind == "value"), default=0.0)
    lead = first.score - (others[0].score if others else 0.0)
    alone = told >= _ALONE
    clear = alone or (lead >= _LEAD and (named or not rivals))
    told = max(told, _TELLING if _is_of_table(first) and (named or (_has_equal_name(first) and not rivals)) else 0.0)
    if not clear and rivals:
        reason = MatchEvidence("name", "also_fits", -0.05, {"elements": ", ".join(sorted(rivals)[:_LISTED])})
        return [replace(first, evidence=(*first.evidence, reason)), *others]
    good = first.score >= _SURE and told >= _TELLING and not first.counter_evidence
    return [replace(first, sure=good and clear), *others]


def _has_equal_name(proposal: ElementProposal) -> bool:
    return any(each.code == "name_equal" for each in proposal.evidence)


def _is_of_table(proposal: ElementProposal) -> bool:
    """Whether the fields around it are of its subject, or fields of that name are bound to it in other datasets."""
    reasons = {each.code: each.weight for each in proposal.evidence}
    return "same_subject" in reasons or reasons.get("known_field", 0.0) >= _OFTEN


def keep_one_field(proposed: dict[str, list[ElementProposal]]) -> dict[str, tuple[ElementProposal, ...]]:
    """Of several fields whose first element is the same, only the best stays sure; the others say which it is."""
    best: dict[str, ElementProposal] = {}
    for ranked in proposed.values():
        if ranked and _order(ranked[0]) < _order(best.get(ranked[0].element)):
            best[ranked[0].element] = ranked[0]
    return {name: tuple(_not_twice(ranked, best)) for name, ranked in proposed.items()}


def _order(proposal: ElementProposal | None) -> tuple[float, str]:
    return (1.0, "") if proposal is None else (-proposal.score, proposal.field)


def _not_twice(ranked: Sequence[ElementProposal], best: dict[str, ElementProposal]) -> list[ElementProposal]:
    if not ranked or best[ranked[0].element].field == ranked[0].field:
        return list(ranked)
    first = ranked[0]
    reason = MatchEvidence("context", "chosen_twice", -0.05, {"field": best[first.element].field})
    return [replace(first, sure=False, evidence=(*first.evidence, reason)), *ranked[1:]]
