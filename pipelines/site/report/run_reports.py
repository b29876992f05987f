"""The pages of runs: a run does not change once it has ended, so its page is written once."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any, Final

from citylake.pipelines.site.pipeline_run_page import run_document
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.report_ledger import Answer
from citylake.pipelines.site.report.static_style import file_name

MOST_NEW: Final = 3
"""Runs that get a page in one build: the newest without one. The others were given theirs when they ran."""
MOST_LISTED: Final = 2000
_RUNS: Final = (
    "SELECT run, min(recorded_at) AS first_at, max(recorded_at) AS last_at, count(DISTINCT subject) AS subjects,\n"
    "  count(*) FILTER (status IN ('held', 'failed', 'incomplete')) AS stopped FROM (\n"
    "  SELECT run, dataset AS subject, recorded_at, status FROM batches UNION ALL\n"
    "  SELECT run, mart, recorded_at, status FROM publications)\n"
    f"WHERE run <> '' GROUP BY run ORDER BY last_at DESC, run DESC LIMIT {MOST_LISTED}"
)


@dataclass(frozen=True, slots=True)
class KnownRuns:
    """``answer``: the runs of the ledger, newest first; ``fresh``: those that get a page; ``all``: with a page."""

    answer: Answer
    fresh: list[str]
    all: frozenset[str]


def known_runs(given: ReportInput, written: Set[str]) -> KnownRuns:
    """Return the runs of the ledger. ``written``: names of the pages of earlier builds.

    The newest run is always written again: a scheduler's run may have gone on since.
    """
    answer = given.ledger.table(_RUNS)
    names = [row[0] for row in answer["rows"]]
    fresh = [name for place, name in enumerate(names) if place == 0 or file_name(name) not in written][:MOST_NEW]
    known = {name for name in names if file_name(name) in written}
    return KnownRuns(answer, fresh, frozenset({*fresh, *known}))


def run_pages(given: ReportInput, runs: KnownRuns) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return name and document of each run that gets a page."""
    for name in runs.fresh:
        yield name, run_document(given.request, name)


def run_list(given: ReportInput, runs: KnownRuns) -> dict[str, Any]:
    """Return the document of the list of runs that have a page."""
    entries = [
        {"id": run, "name": None, "cells": [first[:19], last[:19], subjects, stopped]}
        for run, first, last, subjects, stopped in runs.answer["rows"]
        if run in runs.all
    ]
    heads = ["run", "first_at", "last_at", "subjects", "stopped"]
    listed = {"listed": "runs", "heads": heads, "entries": entries, "runs": runs.answer}
    return {"lake": given.lake.url, "at": given.now.isoformat(), **listed}
