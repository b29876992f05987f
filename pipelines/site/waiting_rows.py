"""The quarantined rows of a dataset by state, by due date and by reason: one pass over its quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import polars as pl

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.quarantine_duties import is_overdue, scan_row_duties
from citylake.pipelines.read.quarantine_states import WAITING_STATES
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

AgeGroup = Literal["overdue", "days_2", "days_7", "later"]
AGE_GROUPS: Final[tuple[AgeGroup, ...]] = ("overdue", "days_2", "days_7", "later")
"""Past the due date; due within 2 days; within 7 days; later."""
_NEAR, _SOON = 2, 7


@dataclass(frozen=True, slots=True)
class WaitingRows:
    """Counts of rows. ``states``: all rows by state; the others count the rows about which somebody must act.

    ``reasons``: code, field and rows, most rows first; a row with two reasons counts for both.
    """

    states: dict[str, int]
    ages: dict[str, int]
    responsible: dict[str, int]
    oldest: date | None
    reasons: list[dict[str, Any]]

    @property
    def waiting(self) -> int:
        """The rows about which somebody must act."""
        return sum(rows for state, rows in self.states.items() if state in WAITING_STATES)

    def document(self) -> dict[str, Any]:
        """Return the counts ready for JSON."""
        return {
            "waiting": self.waiting,
            "states": self.states,
            "ages": self.ages,
            "responsible": self.responsible,
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "reasons": self.reasons,
        }


NONE_WAIT: Final = WaitingRows({}, {}, {}, None, [])


def waiting_rows(
    lake: Lake, contract: Contract, registry: Registry, now: datetime, ledger: Ledger | None = None
) -> WaitingRows:
    """Return the counts of a dataset's quarantine; standard rows with refused values are not in them."""
    if not delta_exists(lake, lake.quarantine(contract.dataset)):
        return NONE_WAIT
    whole = scan_row_duties(lake, contract, registry, ledger).filter(pl.col("refused").is_null())
    judged = whole.with_columns(is_overdue(now, registry).alias("overdue"), waits=pl.col("state").is_in(WAITING_STATES))
    counted = judged.group_by("state", "waits", "responsible", "due_on", "overdue").agg(
        pl.len().alias("rows"), pl.col("first_seen_at").min()
    )
    reasons = judged.filter("waits").select("reasons").explode("reasons").unnest("reasons")
    by_reason = reasons.group_by("code", "field").agg(pl.len().alias("rows"))
    groups, found = pl.collect_all([counted, by_reason], engine="streaming")
    ordered = found.sort(["rows", "code", "field"], descending=[True, False, False])
    return _summary(groups, ordered.to_dicts(), now.date())


def _summary(groups: pl.DataFrame, reasons: list[dict[str, Any]], today: date) -> WaitingRows:
    waits = groups.filter("waits").with_columns(_age_group(today).alias("age"))
    oldest = waits["first_seen_at"].min()
    return WaitingRows(
        _sums(groups, "state"),
        _sums(waits, "age"),
        _sums(waits, "responsible"),
        oldest.date() if isinstance(oldest, datetime) else None,
        reasons,
    )


def _age_group(today: date) -> pl.Expr:
    left = (pl.col("due_on") - pl.lit(today)).dt.total_days()
    return (
        pl.when("overdue")
        .then(pl.lit("overdue"))
        .when(left <= _NEAR)
        .then(pl.lit("days_2"))
        .when(left <= _SOON)
        .then(pl.lit("days_7"))
        .otherwise(pl.lit("later"))
    )


def _sums(groups: pl.DataFrame, column: str) -> dict[str, int]:
    sums = groups.group_by(column).agg(pl.col("rows").sum()).sort(column)
    return {name: int(rows) for name, rows in sums.iter_rows()}
