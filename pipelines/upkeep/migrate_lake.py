"""Brings a lake of an older version to the present format, step by step. Each step is done whole or not at all.

A lake is also read and continued without it. Afterwards no row has to be translated when it is read, and an older
citylake refuses the lake. A step that is interrupted is done again by the next ``citylake migrate``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_clock import CLOCK_FOLDER, LakeClock
from citylake.pipelines.lake.lake_format import FORMAT_FILE, LAKE_FORMAT, format_number, state_format
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_order import has_unnumbered_rows
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES
from citylake.pipelines.lake.ledger.ledger_upgrade import has_older_columns, upgrade_ledger_table
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable

IsOlder = Callable[[str, "DeltaTable"], bool]


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """One step. ``pending``: the places below the lake that it changes; none if it is done."""

    name: str
    to_format: int
    pending: Callable[[Lake], list[str]]
    apply: Callable[[Lake], None]


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """What a step changed, or would change: places below the lake; none if there was nothing to do."""

    step: str
    places: tuple[str, ...]


def migrate_lake(lake: Lake, *, dry_run: bool = False) -> Iterator[MigrationResult]:
    """Do the steps that lead to ``LAKE_FORMAT``, in order. Runs can continue meanwhile.

    Raises COMMIT_CONFLICT if other processes change a table again and again; the next migration continues there.
    """
    held = format_number(lake)
    for step in MIGRATION_STEPS if _has_tables(lake) else ():
        if step.to_format <= held:
            continue
        places = step.pending(lake)
        if places and not dry_run:
            step.apply(lake)
        yield MigrationResult(step.name, tuple(places))


def _has_tables(lake: Lake) -> bool:
    return any(True for _ in _stored_tables(lake))


def _stored_tables(lake: Lake) -> Iterator[tuple[str, ModuleType, DeltaTable]]:
    for name, module in LEDGER_TABLES.items():
        found = open_delta_if_exists(lake, lake.ledger(name))
        if found is not None:
            yield name, module, found


def _rewriting_step(name: str, is_older: IsOlder, applies: Callable[[pl.Schema], bool]) -> MigrationStep:
    """A step that rewrites the ledger tables that are older, each in one transaction."""

    def older(lake: Lake) -> Mapping[str, pl.Schema]:
        stored = _stored_tables(lake)
        return {name: each.SCHEMA for name, each, found in stored if applies(each.SCHEMA) and is_older(name, found)}

    def pending(lake: Lake) -> list[str]:
        return [f"ledger/{table}" for table in older(lake)]

    def apply(lake: Lake) -> None:
        for table, schema in older(lake).items():
            upgrade_ledger_table(lake, table, schema, is_older)
        left = pending(lake)
        if left:
            raise CitylakeError("COMMIT_CONFLICT", table=lake.path(left[0]), attempts=3)

    return MigrationStep(name, 2, pending, apply)


def _pending_clock(lake: Lake) -> list[str]:
    return [] if LakeClock(lake).started else [CLOCK_FOLDER]


def _start_clock(lake: Lake) -> None:
    LakeClock(lake).reserve()


def _pending_format(lake: Lake) -> list[str]:
    return [FORMAT_FILE] if format_number(lake) < LAKE_FORMAT else []


MIGRATION_STEPS = (
    _rewriting_step("ledger-columns", has_older_columns, lambda _: True),
    _rewriting_step("ledger-sequence", has_unnumbered_rows, lambda schema: SEQUENCE in schema),
    MigrationStep("lake-clock", 2, _pending_clock, _start_clock),
    # Last: until then the lake has its older format, and an interrupted migration begins again.
    MigrationStep("lake-format", 2, _pending_format, state_format),
)
