"""Questions about the quarantine of all datasets: one filter for every command and page, counts, values and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.quarantine_life import IS_CLOSED
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.masked_fields import masked_fields
from citylake.pipelines.read.quarantine_duties import is_overdue, scan_row_duties
from citylake.pipelines.read.quarantine_states import RowState
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

AGE_BANDS = {1: "0-1", 7: "2-7", 30: "8-30", 90: "31-90"}
"""Days since the first refusal, up to each bound; older rows are in the band ``OLDEST_BAND``."""
OLDEST_BAND = "91+"
ROW_ORDER = ("dataset", "first_seen_at", "_receipt", "_part", "_row")


@dataclass(frozen=True, slots=True)
class QuarantineFilter:
    """Which rows: those to which everything that is given applies. ``code``, ``field`` and ``value``: of one reason.

    Without ``states``, the rows that are no longer refused are left out. ``older_than``: days since the row was refused
    first. ``overdue``: its due date has passed. ``receipt``: of its id or of its newest reading.
    """

    datasets: tuple[str, ...] = ()
    department: str | None = None
    states: tuple[RowState, ...] = ()
    responsible: str | None = None
    code: str | None = None
    field: str | None = None
    value: str | None = None
    older_than: int | None = None
    overdue: bool = False
    receipt: str | None = None
    batch: str | None = None
    row: RowId | None = None

    @property
    def chooses_rows(self) -> bool:
        """Whether anything is given but datasets and a department."""
        return self != QuarantineFilter(self.datasets, self.department)


@dataclass(frozen=True, slots=True)
class QuarantineQuery:
    """The quarantine of the datasets of ``registry`` in ``lake``, at ``now``. Nothing is kept between two questions."""

    lake: Lake
    registry: Registry
    ledger: Ledger
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def contracts(self, wanted: QuarantineFilter) -> list[Contract]:
        """Return the contracts of the chosen datasets that have a quarantine, by id."""
        return [
            contract
            for name, contract in sorted(self.registry.contracts.items())
            if (not wanted.datasets or name in wanted.datasets)
            and wanted.department in (None, contract.owner.department)
            and delta_exists(self.lake, self.lake.quarantine(name))
        ]

    def rows(self, wanted: QuarantineFilter) -> Iterator[pl.LazyFrame]:
        """Yield the chosen rows of each dataset: what ``scan_row_duties`` returns, ``age_days`` and ``overdue``."""
        for contract in self.contracts(wanted):
            rows = scan_row_duties(self.lake, contract, self.registry, self.ledger)
            age = (pl.lit(self.now, pl.Datetime("us", "UTC")) - pl.col("first_seen_at")).dt.total_days()
            timed = rows.with_columns(age.alias("age_days"), is_overdue(self.now, self.registry).alias("overdue"))
            yield timed.filter(*_conditions(wanted, self.now))

    def page(self, wanted: QuarantineFilter, offset: int = 0, limit: int | None = None) -> pl.DataFrame:
        """Return the chosen rows in ``ROW_ORDER``, from the row ``offset`` on, ``limit`` of them (None: all)."""
        found: list[pl.DataFrame] = []
        skipped, left = offset, limit
        for rows in self.rows(wanted):
            if left == 0:
                break
            most = None if left is None else skipped + left
            ordered = rows.sort(ROW_ORDER) if most is None else rows.bottom_k(most, by=ROW_ORDER).sort(ROW_ORDER)
            page = ordered.collect(engine="streaming")
            # Fewer rows than are skipped: the page begins in a later dataset.
            found.append(page.slice(skipped))
            skipped = max(0, skipped - page.height)
            left = None if left is None else left - found[-1].height
        return pl.concat(found, how="diagonal") if found else pl.DataFrame()

    def count(self, wanted: QuarantineFilter) -> tuple[int, int]:
        """Return the number of the chosen rows, and how many of them are standard rows with refused values."""
        counts = [pl.len().alias("rows"), pl.col("refused").is_not_null().sum().alias("values")]
        found = [rows.select(counts).collect(engine="streaming").row(0) for rows in self.rows(wanted)]
        return sum(rows for rows, _ in found), sum(values for _, values in found)

    def by_state(self, wanted: QuarantineFilter) -> pl.DataFrame:
        """Return ``dataset, department, responsible, state, age, rows, overdue, first_seen_at, due_on``.

        ``age``: the band of days, see ``AGE_BANDS``; ``overdue``: how many rows; the two times are the earliest ones.
        """
        keys = ("dataset", "department", "responsible", "state", "age")
        numbers = (pl.len().alias("rows"), pl.col("overdue").sum(), pl.col("first_seen_at", "due_on").min())
        each = [rows.with_columns(_age_band()).group_by(keys).agg(numbers) for rows in self.rows(wanted)]
        return _collected(each, keys)

    def by_reason(self, wanted: QuarantineFilter) -> pl.DataFrame:
        """Return ``dataset, code, field, state, rows, values, due_on`` of every reason, the most rows first.

        ``values``: the number of distinct values. A row with several reasons counts for each of them.
        """
        keys = ("dataset", "code", "field", "state")
        numbers = (pl.len().alias("rows"), pl.col("value").n_unique().alias("values"), pl.col("due_on").min())
        each = [_by_reason(rows, wanted).group_by(keys).agg(numbers) for rows in self.rows(wanted)]
        return _collected(each, ("dataset",), "rows")

    def values(self, wanted: QuarantineFilter, limit: int | None = None, *, by_state: bool = False) -> pl.DataFrame:
        """Return ``dataset, code, field, value, detail, rows``: each distinct value, the most frequent first;
        masked values are one.

        ``limit``: of each reason of a dataset (None: all). ``by_state``: the rows of each ``state`` are counted and
        limited on their own.
        """
        reason = ("dataset", "code", "field", *(("state",) if by_state else ()))
        keys = (*reason, "value", "detail")
        each = [
            masked_fields(contract, self.registry).mask_values(_by_reason(rows, wanted))
            for contract, rows in zip(self.contracts(wanted), self.rows(wanted), strict=True)
        ]
        counted = [rows.group_by(keys).agg(pl.len().alias("rows")) for rows in each]
        found = _collected(counted, ("dataset",), "rows", *reason[1:], "value")
        return found if limit is None or found.is_empty() else found.group_by(reason, maintain_order=True).head(limit)


def _conditions(wanted: QuarantineFilter, now: datetime) -> Iterator[pl.Expr]:
    yield pl.col("state").is_in(wanted.states) if wanted.states else ~(IS_CLOSED | pl.col("closed_at").is_not_null())
    if wanted.responsible is not None:
        yield pl.col("responsible") == wanted.responsible
    if (wanted.code, wanted.field, wanted.value) != (None, None, None):
        yield pl.col("reasons").list.eval(_reason_matches(wanted, pl.element().struct.field)).list.any()
    if wanted.older_than is not None:
        since = now - timedelta(days=wanted.older_than)
        yield pl.col("first_seen_at") < pl.lit(since, pl.Datetime("us", "UTC"))
    if wanted.overdue:
        yield pl.col("overdue")
    if wanted.receipt is not None:
        yield (pl.col("_receipt") == wanted.receipt) | (pl.col("read_receipt") == wanted.receipt)
    if wanted.batch is not None:
        yield pl.col("_batch") == wanted.batch
    if wanted.row is not None:
        place = ("_receipt", wanted.row.receipt), ("_part", wanted.row.part), ("_row", wanted.row.row)
        yield pl.all_horizontal(pl.col(name) == value for name, value in place)


def _reason_matches(wanted: QuarantineFilter, part: Callable[[str], pl.Expr]) -> pl.Expr:
    """Return whether one reason, of which ``part`` gives the fields, has the wanted code, field and value."""
    given = {"code": wanted.code, "field": wanted.field, "value": wanted.value}
    tests = [part(name).eq_missing(pl.lit(text)) for name, text in given.items() if text is not None]
    return pl.all_horizontal(pl.lit(value=True), *tests)


def _by_reason(rows: pl.LazyFrame, wanted: QuarantineFilter) -> pl.LazyFrame:
    """One row for each reason of the chosen rows that is wanted itself."""
    kept = rows.select("dataset", "state", "due_on", "reasons").explode("reasons").unnest("reasons")
    return kept.filter(_reason_matches(wanted, pl.col))


def _age_band() -> pl.Expr:
    band = pl.lit(OLDEST_BAND)
    for most, name in reversed(AGE_BANDS.items()):
        band = pl.when(pl.col("age_days") <= most).then(pl.lit(name)).otherwise(band)
    return band.alias("age")


def _collected(each: Sequence[pl.LazyFrame], keys: Sequence[str], *then: str) -> pl.DataFrame:
    """The counts of all datasets, by ``keys``, then by ``rows`` descending."""
    if not each:
        return pl.DataFrame()
    found = pl.concat(pl.collect_all(each, engine="streaming"))
    order = [*keys, *then]
    return found.sort(order, descending=[name == "rows" for name in order], nulls_last=True)
