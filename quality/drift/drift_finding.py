"""One drift finding, the mode that the contract sets for it, and its message."""

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
"""Maximum number of names in a message."""


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """``columns``: the standard columns affected; ``values``: the placeholders of the message of its issue type."""

    kind: DriftKind
    mode: DriftMode
    columns: tuple[str, ...]
    values: Mapping[str, Any]


def drift_problems(findings: Sequence[DriftFinding], contract: Contract, registry: Registry) -> tuple[Problem, ...]:
    """Return one problem per finding, those that hold the batch first, each with the mart columns that it affects."""
    ordered, lineage = sorted(findings, key=lambda finding: finding.mode != "hold"), MartLineage(registry)
    return tuple(_problem(finding, contract.dataset, lineage) for finding in ordered)


def drift_error(problems: Sequence[Problem]) -> CitylakeError:
    """Return the error that holds a batch: the first of ``problems`` (at least one), with the rest in ``others``."""
    error = CitylakeError(problems[0].code, **problems[0].values)
    error.others = tuple(problems[1:])
    return error


def join_names(names: Sequence[str]) -> str:
    """Join the first twenty names with commas."""
    return ", ".join(names[:_MOST]) + (" …" if len(names) > _MOST else "")


def _problem(finding: DriftFinding, dataset: str, lineage: MartLineage) -> Problem:
    effect = "hold" if finding.mode == "hold" else f"{finding.kind}_{finding.mode}"
    context = {"effect": drift_words(f"drift.{effect}"), "touched": _downstream(finding, dataset, lineage)}
    return Problem(DRIFT_CODES[finding.kind], {"dataset": dataset, **finding.values, **context})


def _downstream(finding: DriftFinding, dataset: str, lineage: MartLineage) -> str | dict[str, str]:
    """Return the affected ``mart.table.column``, or ``mart.table`` if its set of rows changes.

    An unbound field affects nothing.
    """
    found = lineage.touched(dataset, finding.columns) if finding.columns else []
    names = [".".join(part for part in touch if part) for touch in found]
    return join_names(names) if names else drift_words("drift.touches_nothing")


def drift_words(key: str) -> dict[str, str]:
    """Return the message ``key`` in both languages (``zh``, ``en``), as a placeholder value for a problem."""
    text = translations_of(key)
    assert text is not None
    return text.model_dump()
