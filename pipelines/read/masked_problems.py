"""Messages about a dataset with hidden values, without what they quote of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from citylake.pipelines.read.masked_fields import MASK, MaskedFields, masked_fields
from citylake.pipelines.records import BatchResult, Receipt
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import Problem

_QUOTES: Final = frozenset(
    {"example", "examples", "sample", "other_sample", "text", "near", "start", "value", "values", "title", "now", "old"}
)
"""Names of values that quote cells."""
_PLACES: Final = frozenset({"file", "source", "dataset", "receipt", "batch", "row_id", "changes"})
_LONG_NUMBER: Final = re.compile(r"\d[\d\- ]{5,}[\dXx]")


def mask_results(contract: Contract, registry: Registry, results: Iterable[BatchResult]) -> list[BatchResult]:
    """Return the results of a dataset; their problems and checks quote no cell of it if it has hidden fields."""
    found = list(results)
    # Most runs have nothing to tell.
    telling = any(each.problems or any(check.problem for check in each.checks) for each in found)
    masked = _known_fields(contract, registry) if telling else None
    return [_mask_result(each, masked) for each in found] if masked else found


def mask_checks(contract: Contract, registry: Registry, checks: Iterable[CheckResult]) -> list[CheckResult]:
    """The same for the checks of a batch."""
    found = list(checks)
    masked = _known_fields(contract, registry) if any(each.problem for each in found) else None
    return [_mask_check(each, masked) for each in found] if masked else found


def mask_receipts(contract: Contract, registry: Registry, receipts: list[Receipt]) -> list[Receipt]:
    """The same for fetches that failed: a source's error page may have its rows."""
    masked = _known_fields(contract, registry) if any(each.problem for each in receipts) else None
    if masked is None:
        return receipts
    return [replace(each, problem=_mask_problem(each.problem, masked)) if each.problem else each for each in receipts]


def mask_problem(contract: Contract, registry: Registry, problem: Problem) -> Problem:
    """The same for one message."""
    masked = _known_fields(contract, registry)
    return _mask_problem(problem, masked) if masked else problem


def hides_values(contract: Contract, registry: Registry) -> bool:
    """Whether some values of the dataset are shown nowhere."""
    return _known_fields(contract, registry) is not None


def _known_fields(contract: Contract, registry: Registry) -> MaskedFields | None:
    masked = masked_fields(contract, registry)
    return masked if masked.fields else None


def _mask_result(result: BatchResult, masked: MaskedFields) -> BatchResult:
    checks = tuple(_mask_check(each, masked) for each in result.checks)
    return replace(result, problems=tuple(_mask_problem(each, masked) for each in result.problems), checks=checks)


def _mask_check(check: CheckResult, masked: MaskedFields) -> CheckResult:
    return replace(check, problem=_mask_problem(check.problem, masked)) if check.problem else check


def _mask_problem(problem: Problem, masked: MaskedFields) -> Problem:
    names = (str(problem.values.get(name) or "") for name in ("field", "column"))
    open_to_all = any(name in masked.shown for name in names)
    values = {name: _masked(name, value, open_to_all=open_to_all) for name, value in problem.values.items()}
    return Problem(problem.code, values)


def _masked(name: str, value: Any, *, open_to_all: bool) -> Any:
    if not isinstance(value, str) or name in _PLACES:
        return value
    if name in _QUOTES and not open_to_all:
        return MASK
    return _LONG_NUMBER.sub(MASK, value)
