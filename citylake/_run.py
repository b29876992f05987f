"""The main job from a program: what ``citylake run`` does, with the same result."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from citylake._lake import Lake
from citylake._workspace import Workspace
from citylake.schemas.words.errors import CitylakeError, Problem

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.pipelines.flow.run_pipeline import RunOutcome as Outcome

Day = date | str
Days = Day | tuple[Day, Day]


def run(
    workspace: Workspace,
    lake: Lake,
    *,
    datasets: str | Collection[str] = (),
    marts: str | Collection[str] = (),
    days: Days | None = None,
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Pull, check and store what is new in every dataset, then publish the marts that it changes.

    A fault of a source, a batch or a declaration is part of the outcome and raises nothing: one dataset does not stop
    another.

    Args:
        workspace: The declarations.
        lake: The lake to write to; a folder is created if there is none.
        datasets: Only these, and the marts that read them unless ``marts`` names others. Default: all.
        marts: Only these; with ``marts`` and no ``datasets``, nothing is pulled. Default: all.
        days: The day, or the first and the last day, to pull and build: dates, or texts such as ``2026-03-01``.
            Default: what is new.
        variables: Values of ``${NAME}`` in sources, over those of the environment.

    Returns:
        ``exit_code`` (0 done, 2 a batch held or a source incomplete, 3 failed), ``batches``, ``publications``, and
        ``document``, the JSON document of ``citylake run --json``.

    Raises:
        CitylakeError: before anything is pulled. DECLARATIONS_INVALID if no declaration can run;
            DATASET_UNKNOWN, MART_UNKNOWN or REFERENCE_CYCLE; DAYS_UNREADABLE or DAYS_REVERSED; LAKE_UNUSABLE and
            the like.
    """
    from citylake.pipelines.blocks.polars_settings import configure_polars

    # Modules of a run let polars do something when they are imported.
    configure_polars()
    from citylake.pipelines.flow.run_pipeline import run_pipeline
    from citylake.pipelines.lineage.event_emitter import watch_lineage

    context = _run_context(workspace, lake, days, variables)
    with watch_lineage(_warn) as watch:
        return run_pipeline(replace(context, watch=watch), _names(datasets), _names(marts))


def _run_context(
    workspace: Workspace, lake: Lake, days: Days | None, variables: Mapping[str, str] | None
) -> RunContext:
    from citylake.pipelines.context import RunContext, new_run, run_variables
    from citylake.pipelines.lake.access_record import Asked
    from citylake.pipelines.lake.lake_access import check_writable
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.schemas.lint.valid_registry import check_sound

    first, last = _first_and_last(days)
    if first and last and first > last:
        raise CitylakeError("DAYS_REVERSED", first=first, last=last)
    registry, zones, this = check_sound(workspace._registry), check_writable(lake._zones), new_run(first, last)
    asked = Asked(via="api")
    return RunContext(registry, zones, Ledger(zones), this, run_variables(registry, this, variables), asked=asked)


def _names(chosen: str | Collection[str]) -> Collection[str]:
    return (chosen,) if isinstance(chosen, str) else chosen


def _first_and_last(days: Days | None) -> tuple[date, date] | tuple[None, None]:
    if days is None:
        return None, None
    try:
        first, last = (_day(day) for day in (days if isinstance(days, tuple | list) else (days, days)))
    except (ValueError, TypeError) as error:
        raise CitylakeError("DAYS_UNREADABLE", days=days) from error
    return first, last


def _day(day: Day) -> date:
    # A datetime is a date too, but its text is not that of a day, and the two cannot be compared.
    if isinstance(day, datetime):
        return day.date()
    return day if isinstance(day, date) else date.fromisoformat(day)


def _warn(problem: Problem) -> None:
    from citylake.schemas.words.message_catalogue import render_issue

    warnings.warn(render_issue(problem.code, problem.values), RuntimeWarning, stacklevel=2)
