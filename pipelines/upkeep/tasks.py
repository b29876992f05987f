"""The upkeep as tasks of a scheduler: small results, each a list of lines on what was done."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.tasks import open_context
from pipelines.upkeep.done import Done
from pipelines.upkeep.step import Upkeep
from pipelines.upkeep.tables import table_of, tables
from schemas.faults import CitylakeError


def tables_task(run: str) -> list[str]:
    """The tables that are compacted, as paths below the lake."""
    return [table.place for table in tables(open_context(run).lake) if table.zone != "curated"]


def compact_task(run: str, place: str) -> list[str]:
    """Compact one table and sum up its log. Raises UPKEEP_FAILED."""
    return _told(Upkeep(open_context(run)).table(table_of(place)))


def retain_task(run: str) -> list[str]:
    """Take away what the workspace keeps no longer. Raises UPKEEP_FAILED."""
    return _told(Upkeep(open_context(run)).retention())


def sweep_task(run: str) -> list[str]:
    """Take away what nothing names. Raises UPKEEP_FAILED."""
    return _told(Upkeep(open_context(run)).sweep())


def _told(done: Iterable[Done]) -> list[str]:
    found = list(done)
    failed = [each for each in found if each.problem]
    if failed:
        raise CitylakeError("UPKEEP_FAILED", why="; ".join(each.say("en") for each in failed))
    return [each.say("en") for each in found]
