"""The source's fields against the contract's: which columns can be made, what is told, what the pass must refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.conform.accepting import accepted
from pipelines.conform.bound import Bound, bounds_of, needs
from pipelines.conform.codes import Codes
from pipelines.conform.drifted import Drifted
from quality.drift.columns import Compared, Needed, compare, essential
from quality.drift.decide import decide
from quality.drift.finding import held, problems
from quality.drift.renames import Rename, proposals
from schemas.contract import Contract
from schemas.element import DataElement
from schemas.faults import Problem
from schemas.registry import Registry

Sample = Callable[[], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Shape:
    """The standard columns of a batch, what the pass does about drift, and what is told of it."""

    bounds: tuple[Bound, ...]
    drifted: Drifted
    notes: tuple[Problem, ...]


def shape_of(contract: Contract, registry: Registry, codes: Codes, present: Sequence[str], sample: Sample) -> Shape:
    """Compare; ``sample`` gives some rows, and is asked only where something is missing and something has come.

    Raises the first finding that holds the batch, the others beside it.
    """
    bounds, there = bounds_of(contract, registry), set(present)
    needed = needed_fields(contract, bounds)
    named = re.compile(contract.source.name_fields or "").groupindex
    compared = compare(needed, {*contract.ignore, *named}, present)
    renames = _renames(contract, registry, codes, bounds, needed, compared, cache(sample))
    decision = decide(contract.drift, needed, compared, renames, present)
    told = problems(decision.findings, contract, registry)
    if any(finding.mode == "hold" for finding in decision.findings):
        raise held(told)
    made = tuple(bound for bound in bounds if not bound.binding.optional or there.issuperset(needs(bound)))
    return Shape(made, Drifted(decision.absent, decision.gone, decision.unknown), told)


def needed_fields(contract: Contract, bounds: Sequence[Bound]) -> dict[str, Needed]:
    """Every source field that a binding needs, in the contract's order."""
    by_field: dict[str, list[Bound]] = {}
    for bound in bounds:
        for field in needs(bound):
            by_field.setdefault(field, []).append(bound)
    return {field: _needed(field, own, essential(contract)) for field, own in by_field.items()}


def _needed(field: str, own: Sequence[Bound], must: set[str]) -> Needed:
    return Needed(
        columns=tuple(bound.column for bound in own),
        optional=all(bound.binding.optional for bound in own),
        required=any(bound.binding.required or bound.column in must for bound in own if not bound.binding.optional),
        words=tuple(
            word for bound in own if bound.fields == (field,) for word in (bound.column, *_names(bound.element))
        ),
    )


def _names(element: DataElement) -> list[str]:
    return [element.symbol, element.id.rpartition(".")[2], element.name.zh, element.name.en, *element.synonyms]


def _renames(
    contract: Contract,
    registry: Registry,
    codes: Codes,
    bounds: Sequence[Bound],
    needed: Mapping[str, Needed],
    compared: Compared,
    sample: Sample,
) -> list[Rename]:
    if not (compared.added and compared.missing):
        return []

    def accepts(gone: str, new: str) -> float | None:
        return accepted(sample(), gone, new, contract, registry, codes, bounds)

    return proposals(needed, compared.missing, compared.added, accepts)
