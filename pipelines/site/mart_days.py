"""The state of every day of a mart: published, waiting for a dataset, incomplete, held, or to be built next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.ledger.table_changes import changed_table_days
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.make.table_build import (
    TableBuild,
    changed_input_days,
    current_build_inputs,
    stale_table_days,
)
from citylake.pipelines.marts.make.wait_policy import WaitPolicy, mart_wait_policy
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.site.page_request import PageRequest
from citylake.schemas.words.errors import CitylakeError

DAYS_SHOWN = 31
DayState = dict[str, Any]
"""``state`` (``published``, ``waiting``, ``incomplete``, ``held`` or ``next``); for whom: ``datasets``, ``until``."""


def mart_days(request: PageRequest, name: str, status: str) -> dict[str, DayState]:
    """Return day ``yyyy-mm-dd`` → its state; empty for a mart that is not declared, or whose SQL cannot be read.

    ``status``: of the last attempt to publish. Only tables that grow by days count.
    """
    mart = request.registry.marts.get(name)
    if mart is None:
        return {}
    try:
        plans = plan_mart_tables(mart, request.registry)
    except CitylakeError:
        # The mart's last attempt tells the fault.
        return {}
    works = [TableBuild(mart, table, plan, request.registry, request.lake) for table, plan in plans.items()]
    works = [work for work in works if work.table.day]
    waits = mart_wait_policy(mart, request.registry, request.lake, request.now)
    pointer = read_pointer(request.lake, name)
    found: dict[date, DayState] = {}
    # A later entry replaces an earlier one: what a person has to know first comes last.
    for work in works:
        found |= _published(work, pointer)
    for work in works:
        found |= _unbuilt(work, waits, found, pointer)
    found |= _incomplete(pointer)
    if pointer and status in ("held", "failed"):
        found |= {day: {"state": "held"} for work in works for day in _unpublished(work, pointer)}
    return {day.isoformat(): found[day] for day in sorted(found)}


def mart_day_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page of marts shows: the last days of which any mart has a state, and each mart's open days."""
    marts = [{**mart, "spans": open_spans(mart["days"])} for mart in document["marts"]]
    days = sorted({day for mart in marts for day in mart["days"]})
    return {"marts": marts, "days": days[-DAYS_SHOWN:]}


def open_spans(days: Mapping[str, DayState]) -> list[dict[str, Any]]:
    """Return the days that are not simply published, as spans: ``at``, the state, and ``days``, texts."""
    found: list[dict[str, Any]] = []
    for day, at in days.items():
        if at["state"] == "published":
            continue
        same = next((each for each in found if _alike(each["at"], at)), None)
        if same is None:
            found.append({"at": at, "each": [date.fromisoformat(day)]})
        else:
            same["each"].append(date.fromisoformat(day))
            # The last deadline of the days counts.
            same["at"] = at
    return [{"at": each["at"], "days": day_spans(each["each"])} for each in found]


def day_spans(days: Iterable[date]) -> list[str]:
    """Return days as texts, those in a row as ``first … last``."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        joined = bool(spans) and day - spans[-1][1] == timedelta(1)
        spans[-1:] = [(spans[-1][0], day)] if joined else [*spans[-1:], (day, day)]
    return [f"{first}" if first == last else f"{first} … {last}" for first, last in spans]


def _alike(one: DayState, other: DayState) -> bool:
    return (one["state"], one.get("datasets")) == (other["state"], other.get("datasets"))


def _published(work: TableBuild, pointer: Pointer | None) -> dict[date, DayState]:
    version = pointer.tables.get(work.name) if pointer else None
    table = open_delta_if_exists(work.lake, work.root)
    if version is None or table is None:
        return {}
    days = (part.get(work.table.day or "") for part in table.partitions())
    return {date.fromisoformat(day[:10]): {"state": "published"} for day in days if day}


def _unbuilt(
    work: TableBuild, waits: WaitPolicy, published: Mapping[date, DayState], pointer: Pointer | None
) -> dict[date, DayState]:
    """The changed days: those that wait, and those that the next build takes."""
    table = open_delta_if_exists(work.lake, work.root)
    stale = stale_table_days(work, table, current_build_inputs(work), full=False)
    told = changed_input_days(work, stale)
    waiting = waits.held(told)
    days: dict[date, DayState] = {
        day: {
            "state": "waiting",
            "datasets": list(waits.missing[day]),
            "until": waits.until(day, at).isoformat(),
            "published": day in published,
        }
        for day, at in waiting.items()
    }
    # Everything is made anew if a declaration changed: not one day's matter.
    news = told.keys() - waiting.keys() if stale is not None or pointer is None else set()
    return {**{day: {"state": "next"} for day in news}, **days}


def _incomplete(pointer: Pointer | None) -> dict[date, DayState]:
    missing: dict[date, list[str]] = {}
    for gap in pointer.incomplete if pointer else ():
        for first, last in gap.days:
            for n in range((last - first).days + 1):
                missing.setdefault(first + timedelta(n), []).append(gap.dataset)
    return {day: {"state": "incomplete", "datasets": names} for day, names in missing.items()}


def _unpublished(work: TableBuild, pointer: Pointer) -> set[date]:
    """The days that were built after the published version."""
    since = pointer.tables.get(work.name)
    return set(changed_table_days(work.lake, work.root, since) or ()) if since is not None else set()
