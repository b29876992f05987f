"""One thing that drifted, what the contract wants done about it, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.drift_policy import DriftKind, DriftMode
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import translations_of

DRIFT_CODES: Mapping[DriftKind, str] = {
    "added": "UNKNOWN_COLUMN",
    "missing": "MISSING_COLUMN",
    "renamed": "RENAMED_COLUMN",
    "retyped": "RETYPED_COLUMN",
    "categories": "NEW_CATEGORY",
}
_MOST = 20
"""Names that a message lists."""


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """``columns``: the standard columns concerned; ``values``: what fills the words of its issue type."""

    kind: DriftKind
    mode: DriftMode
    columns: tuple[str, ...]
    values: Mapping[str, Any]


def drift_problems(findings: Sequence[DriftFinding], contract: Contract, registry: Registry) -> tuple[Problem, ...]:
    """The findings as they are told, what holds the batch first, each with the marts and columns that it touches."""
    ordered, lineage = sorted(findings, key=lambda finding: finding.mode != "hold"), MartLineage(registry)
    return tuple(_problem(finding, contract.dataset, lineage) for finding in ordered)


def drift_error(told: Sequence[Problem]) -> CitylakeError:
    """The error that holds a batch for the first of ``told``, with the others beside it."""
    error = CitylakeError(told[0].code, **told[0].values)
    error.others = tuple(told[1:])
    return error


def join_names(names: Sequence[str]) -> str:
    """Names as one text, the first twenty of them."""
    return ", ".join(names[:_MOST]) + (" …" if len(names) > _MOST else "")


def _problem(finding: DriftFinding, dataset: str, lineage: MartLineage) -> Problem:
    effect = "hold" if finding.mode == "hold" else f"{finding.kind}_{finding.mode}"
    said = {"effect": drift_words(f"drift.{effect}"), "touched": _downstream(finding, dataset, lineage)}
    return Problem(DRIFT_CODES[finding.kind], {"dataset": dataset, **finding.values, **said})


def _downstream(finding: DriftFinding, dataset: str, lineage: MartLineage) -> str | dict[str, str]:
    """``mart.table.column``, or ``mart.table`` where its rows change. A field that nobody bound touches nothing."""
    found = lineage.touched(dataset, finding.columns) if finding.columns else []
    names = [".".join(part for part in touch if part) for touch in found]
    return join_names(names) if names else drift_words("drift.touches_nothing")


def drift_words(key: str) -> dict[str, str]:
    """The interface's words for ``key`` in both languages, as a value that fills the words of an issue type."""
    text = translations_of(key)
    assert text is not None
    return text.model_dump()
