"""The upkeep as scheduler tasks. Each returns a short list of English lines on what was done."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.pipelines.flow.scheduler_tasks import open_task_context
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from citylake.pipelines.upkeep.lake_tables import list_lake_tables, parse_table_path
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult
from citylake.schemas.words.errors import CitylakeError

MOST_TASKS = 64
"""Airflow maps no more than 1,024 tasks, and each costs a process that reads the declarations."""


def tables_task(run: str) -> list[list[str]]:
    """Return the tables to compact, as paths below the lake, in at most ``MOST_TASKS`` groups of neighbours."""
    places = [table.place for table in list_lake_tables(open_task_context(run).lake) if table.zone != "curated"]
    size = -(-len(places) // MOST_TASKS)
    return [places[start : start + size] for start in range(0, len(places), size or 1)]


def compact_task(run: str, places: Iterable[str]) -> list[str]:
    """Compact tables and checkpoint their logs; a failure leaves none of the others out. Raises UPKEEP_FAILED."""
    upkeep = LakeUpkeep(open_task_context(run))
    return _result_lines(done for place in places for done in upkeep.table(parse_table_path(place)))


def retain_task(run: str) -> list[str]:
    """Delete what is past the workspace's retention. Raises UPKEEP_FAILED."""
    return _result_lines(LakeUpkeep(open_task_context(run)).retention())


def sweep_task(run: str) -> list[str]:
    """Delete unreferenced files. Raises UPKEEP_FAILED."""
    return _result_lines(LakeUpkeep(open_task_context(run)).sweep())


def verify_task(run: str) -> list[str]:
    """Verify the lake, and read today's share of its files. Raises VERIFY_FOUND if there are findings."""
    found = list(LakeUpkeep(open_task_context(run)).verification())
    wrong = [each for each in found if each.problem]
    if wrong:
        raise CitylakeError("VERIFY_FOUND", count=len(wrong), why=_in_both_languages(wrong[:10]))
    return _result_lines(found)


def _result_lines(done: Iterable[UpkeepResult]) -> list[str]:
    found = list(done)
    failed = [each for each in found if each.problem]
    if failed:
        raise CitylakeError("UPKEEP_FAILED", why=_in_both_languages(failed))
    return [each.say("en") for each in found]


def _in_both_languages(results: list[UpkeepResult]) -> dict[str, str]:
    return {language: "; ".join(each.say(language) for each in results) for language in ("zh", "en")}
