"""The source's fields compared with the contract's: columns that can be made, findings, and rows to refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from citylake.pipelines.conform.bind.binding_fit import acceptance_share
from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns, required_fields
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.drift.drift_actions import DriftActions
from citylake.pipelines.conform.drift.rename_advice import RenameAdvice
from citylake.quality.drift.column_diff import (
    BoundField,
    ColumnDiff,
    compare_columns,
    essential_columns,
    ignored_fields,
)
from citylake.quality.drift.drift_decision import decide_drift
from citylake.quality.drift.drift_finding import drift_error, drift_problems
from citylake.quality.drift.rename_proposal import RenameProposal, propose_renames
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.formats import GeoFormat
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import Problem

SampleRows = Callable[[], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class SourceSchema:
    """The standard columns of a batch, what the pass does about drift, and the problems to report."""

    bounds: tuple[BoundColumn, ...]
    drifted: DriftActions
    notes: tuple[Problem, ...]


def check_source_schema(
    contract: Contract,
    registry: Registry,
    codes: CodeMatcher,
    present: Sequence[str],
    sample: SampleRows,
    advice: RenameAdvice | None = None,
) -> SourceSchema:
    """Compare the fields. ``sample`` returns some rows; it is called only if fields are missing and others are new.

    ``advice`` gives the lines of the contract that accept a rename.

    Raises the first finding that holds the batch, with the others attached.
    """
    bounds, there = bind_columns(contract, registry), set(present)
    needed = needed_fields(contract, bounds)
    named = re.compile(contract.source.name_fields or "").groupindex
    known = {*ignored_fields(contract.ignore, present), *named, *contract.where, *_bound_points(needed)}
    known |= _reader_fields(contract, needed)
    compared = compare_columns(needed, known, present)
    renames = _propose_renames(contract, registry, codes, bounds, needed, compared, cache(sample))
    decision = decide_drift(contract.drift, needed, compared, renames, present, advice.lines if advice else None)
    told = drift_problems(decision.findings, contract, registry)
    if any(finding.mode == "hold" for finding in decision.findings):
        raise drift_error(told)
    made = tuple(bound for bound in bounds if not bound.binding.optional or there.issuperset(required_fields(bound)))
    return SourceSchema(made, DriftActions(decision.absent, decision.gone, decision.unknown), told)


def _reader_fields(contract: Contract, needed: Iterable[str]) -> set[str]:
    """What ``format: geo`` writes beside a geometry that is bound."""
    beside = (".bbox", ".crs") if isinstance(contract.source.format, GeoFormat) else ()
    return {field + name for field in needed for name in beside}


def _bound_points(needed: Mapping[str, BoundField]) -> set[str]:
    """The geometries of GeoJSON of which a contract binds the coordinates: their own column is no new field."""
    return {field.removesuffix(".coordinates.0") for field in needed if field.endswith(".coordinates.0")}


def needed_fields(contract: Contract, bounds: Sequence[BoundColumn]) -> dict[str, BoundField]:
    """Every source field that a binding needs, in the contract's order."""
    by_field: dict[str, list[BoundColumn]] = {}
    for bound in bounds:
        for field in required_fields(bound):
            by_field.setdefault(field, []).append(bound)
    return {field: _needed_field(field, own, essential_columns(contract)) for field, own in by_field.items()}


def _needed_field(field: str, own: Sequence[BoundColumn], must: set[str]) -> BoundField:
    return BoundField(
        columns=tuple(bound.column for bound in own),
        optional=all(bound.binding.optional for bound in own),
        required=any(bound.binding.required or bound.column in must for bound in own if not bound.binding.optional),
        words=tuple(
            word for bound in own if bound.fields == (field,) for word in (bound.column, *_element_names(bound.element))
        ),
    )


def _element_names(element: DataElement) -> list[str]:
    return [element.symbol, element.id.rpartition(".")[2], element.name.zh, element.name.en, *element.synonyms]


def _propose_renames(
    contract: Contract,
    registry: Registry,
    codes: CodeMatcher,
    bounds: Sequence[BoundColumn],
    needed: Mapping[str, BoundField],
    compared: ColumnDiff,
    sample: SampleRows,
) -> list[RenameProposal]:
    if not (compared.added and compared.missing):
        return []

    def accepts(gone: str, new: str) -> float | None:
        return acceptance_share(sample(), gone, new, contract, registry, codes, bounds)

    return propose_renames(needed, compared.missing, compared.added, accepts)
