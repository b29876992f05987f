"""A reader doubts a value of a mart: each department whose rows it was made from is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.disputes.dispute_parts import with_parts
from citylake.pipelines.acts.disputes.recorded_disputes import last_disputes, store_disputes
from citylake.pipelines.history.trace.trace_model import RowTrace
from citylake.pipelines.lake.ledger import dispute_rows_table
from citylake.pipelines.lake.ledger.disputes_table import Dispute
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.marts.explain.column_origins import OriginFinder
from citylake.quality.calendars import load_work_calendar
from citylake.schemas.words.errors import CitylakeError

MOST_ROWS = 200
"""Rows of one dataset that a question lists: a steward looks at each."""
_ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class OpenedDispute:
    """The questions about one value."""

    dispute_id: str
    questions: tuple[Dispute, ...]
    """One for each dataset that the value was made from."""
    already: bool
    """Whether the same question was open before; nothing was recorded then."""


def open_dispute(work: ActWork, traced: RowTrace, why: str, due_on: date | None = None) -> OpenedDispute:
    """Record a question to each department that has rows in the value.

    Args:
        work: Who asks, and where.
        traced: The row and the column that are doubted, traced to their standard rows.
        why: What seems wrong.
        due_on: The day by which an answer is expected; None: as many working days from today as refused rows have.

    Raises:
        CitylakeError: DISPUTE_WHY_MISSING; DISPUTE_WITHOUT_ROWS; DISPUTE_HIDDEN if the column is hidden in the row.
    """
    if not why.strip():
        raise CitylakeError("DISPUTE_WHY_MISSING")
    column = str(traced.column)
    if column in traced.hidden:
        raise CitylakeError("DISPUTE_HIDDEN", mart=traced.mart, table=traced.table, column=column)
    sources = _behind_the_column(work, traced)
    if not sources:
        raise CitylakeError("DISPUTE_WITHOUT_ROWS", mart=traced.mart, table=traced.table, column=column)
    asked = tuple(_questions(work, traced, {name: rows.height for name, rows in sources.items()}, why, due_on))
    known = last_disputes(work.ledger).filter(dispute_id=asked[0].dispute_id, state="open").height
    if not known:
        _record(work, asked, sources)
    return OpenedDispute(asked[0].dispute_id, asked, already=known > 0)


def _behind_the_column(work: ActWork, traced: RowTrace) -> dict[str, pl.DataFrame]:
    """The rows of the datasets that the value comes from; of all that the row needs if the SELECT does not tell."""
    sources = dict(traced.datasets())
    origins = OriginFinder(work.registry).columns(f"mart.{traced.mart}.{traced.table}", str(traced.column)) or ()
    named = {dataset for dataset, _ in origins} & sources.keys()
    return {name: rows for name, rows in sources.items() if not named or name in named}


def _questions(
    work: ActWork, traced: RowTrace, counts: dict[str, int], why: str, due_on: date | None
) -> Iterator[Dispute]:
    key, value = to_json_text(dict(traced.key)), json.dumps(traced.row.get(str(traced.column)), default=str)
    text = "\0".join((traced.mart, traced.version, traced.table, key, str(traced.column), why))
    dispute_id = sha256(text.encode()).hexdigest()[:_ID_DIGITS]
    for dataset, rows in sorted(counts.items()):
        contract = work.registry.contracts[dataset]
        yield Dispute(
            dispute_id=dispute_id,
            mart=traced.mart,
            version=traced.version,
            table_name=traced.table,
            key=key,
            column_name=str(traced.column),
            value=value,
            dataset=dataset,
            department=contract.owner.department,
            rows=rows,
            due_on=due_on or _due_on(work, dataset),
            state="open",
            user=work.person.user,
            via=work.person.via,
            why=why,
        )


def _due_on(work: ActWork, dataset: str) -> date:
    workspace = work.registry.workspace
    settings = work.registry.contracts[dataset].quarantine or workspace.settings.quarantine
    today = pl.Series([ledger_now()]).dt.convert_time_zone(workspace.settings.timezone).dt.date()[0]
    return load_work_calendar(workspace).add_workdays(today, settings.due_days)


def _record(work: ActWork, asked: tuple[Dispute, ...], sources: dict[str, pl.DataFrame]) -> None:
    """The rows first: a question on record is complete."""
    now = ledger_now()
    for each in asked:
        rows = with_parts(work.lake, work.ledger, sources[each.dataset], MOST_ROWS)
        listed = rows.with_columns(
            pl.lit(each.dispute_id).alias("dispute_id"),
            pl.lit(now, pl.Datetime("us", "UTC")).alias("recorded_at"),
            pl.lit(each.dataset).alias("dataset"),
        )
        work.ledger.append_frame(dispute_rows_table.TABLE, listed)
    store_disputes(work.ledger, asked)
