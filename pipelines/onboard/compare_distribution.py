"""Proposals after a comparison with what their elements look like in other datasets of the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import quantiles
from typing import Final

import polars as pl

from citylake.pipelines.match.field_proposal import ElementProposal, FieldFacts, MatchEvidence
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.rival_units import FEW_NUMBERS, conversion_factor, rival_units, sample_numbers
from citylake.schemas.model.element import DataElement, is_identifier

_SAME_VALUES: Final = 0.5
"""Share of a field's values that a dataset must have for a field to hold the same identifiers."""
_FEW_VALUES: Final = 5
_SAME_WEIGHT, _ALIKE_WEIGHT, _UNLIKE_WEIGHT = 0.3, 0.1, -0.3
_APART: Final = 10.0
"""How many times the values must be beyond those of the lake, in every unit, to speak against an element."""

Proposals = Mapping[str, tuple[ElementProposal, ...]]


def compare_distributions(proposed: Proposals, fields: Sequence[FieldFacts], known: KnownTables) -> Proposals:
    """The proposals with evidence from the lake, the best first; what is unlike its element there is not sure."""
    return {each.name: _compared(each, proposed.get(each.name, ()), known) for each in fields}


def _compared(
    facts: FieldFacts, proposals: tuple[ElementProposal, ...], known: KnownTables
) -> tuple[ElementProposal, ...]:
    weighed = [_weighed(each, _evidence(facts, known.registry.elements[each.element], known)) for each in proposals]
    return tuple(sorted(weighed, key=lambda each: -each.score))


def _weighed(proposal: ElementProposal, found: MatchEvidence | None) -> ElementProposal:
    if found is None:
        return proposal
    score = min(1.0, max(0.0, proposal.score + found.weight))
    sure = proposal.sure and found.weight > 0
    return replace(proposal, score=score, sure=sure, evidence=(*proposal.evidence, found))


def _evidence(facts: FieldFacts, element: DataElement, known: KnownTables) -> MatchEvidence | None:
    """The first dataset of the lake that says something decides."""
    if is_identifier(element) and element.codes is None and len(facts.values) >= _FEW_VALUES:
        return _same_identifiers(facts, element, known)
    numbers = sample_numbers(element, facts.values) if element.type in ("decimal", "integer") and element.unit else []
    return _like_numbers(numbers, element, known) if len(numbers) >= FEW_NUMBERS else None


def _same_identifiers(facts: FieldFacts, element: DataElement, known: KnownTables) -> MatchEvidence | None:
    for dataset, columns, rows in known.with_elements([element.id]):
        wanted = pl.col(columns[element.id]).is_in(list(facts.values))
        met = rows.select(pl.col(columns[element.id]).filter(wanted).n_unique()).collect(engine="streaming").item()
        share = met / len(facts.values)
        if share >= _SAME_VALUES:
            said: dict[str, str | int | float] = {"share": round(100 * share), "dataset": dataset}
            return MatchEvidence("value", "values_elsewhere", _SAME_WEIGHT, said)
    return None


def _like_numbers(numbers: Sequence[float], element: DataElement, known: KnownTables) -> MatchEvidence | None:
    low, middle, high = quantiles(numbers, n=4)
    factors = [conversion_factor(unit, element.unit or "") for unit in rival_units(element.unit or "")]
    for dataset, columns, rows in known.with_elements([element.id]):
        column = pl.col(columns[element.id]).cast(pl.Float64)
        least, most = (
            rows.select(column.quantile(0.01).alias("least"), column.quantile(0.99).alias("most"))
            .collect(engine="streaming")
            .row(0)
        )
        if least is None:
            continue
        said: dict[str, str | int | float] = {
            "least": f"{least:g}", "most": f"{most:g}", "dataset": dataset, "median": f"{middle:g}",
        }  # fmt: skip
        if any(least <= middle * factor <= most for factor in factors if factor):
            return MatchEvidence("value", "like_elsewhere", _ALIKE_WEIGHT, said)
        if all(_beyond(low * factor, high * factor, least, most) for factor in factors if factor):
            return MatchEvidence("value", "unlike_elsewhere", _UNLIKE_WEIGHT, said)
    return None


def _beyond(low: float, high: float, least: float, most: float) -> bool:
    """Whether half of the values are far above the lake's, or far below them."""
    return low > most * _APART >= 0 or high * _APART < least
