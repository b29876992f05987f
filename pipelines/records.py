"""What the steps hand to each other. Everything here is small: ids, counts and paths, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from citylake.quality.check_result import CheckResult
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(frozen=True, slots=True)
class Run:
    """One call of ``citylake run``: its id (sortable by time), its start, and the days that it was asked for."""

    id: str
    started_at: datetime
    day_from: date | None = None
    day_to: date | None = None


ReceiptStatus = Literal["received", "unchanged", "waiting", "incomplete", "failed"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One fetch attempt, good or bad.

    ``received``: new bytes are in landing. ``unchanged``: the same bytes as ``same_as``, nothing to do. ``incomplete``:
    bytes are in landing, but ``declared_count`` ≠ ``stored_count`` or a page failed. ``failed``: ``problem`` says why.
    ``waiting``: the source tells that it is not whole yet (``problem`` says how); the next run asks again.
    """

    id: str
    run: str
    dataset: str
    source: str
    """What was asked, without secrets: a path below its root, or a URL."""
    name: str
    """The name that ``name_fields`` and the order of sources go by: the file's name."""
    status: ReceiptStatus
    requested_at: datetime
    received_at: datetime
    sha256: str | None = None
    size_bytes: int = 0
    declared_count: int | None = None
    stored_count: int | None = None
    landing: tuple[str, ...] = ()
    """Paths of the stored files (one, or one a page), in order."""
    same_as: str | None = None
    problem: Problem | None = None
    proof: str | None = None
    """How one knows that everything came (``citylake.pipelines.pull.connector_api.CompletenessProof``)."""
    state: Mapping[str, Any] | None = None
    """What the source's next pull starts from, once this one is committed."""
    cursor: Mapping[str, Any] | None = None
    """Where an incomplete pull can be continued."""
    notices: tuple[Problem, ...] = ()
    """What was odd about the pull and held nothing up; it is told with the batch."""


@dataclass(frozen=True, slots=True)
class ParsedReceipt:
    """A receipt as text columns in the raw zone.

    The Parquet files hold every source field as String, plus the Strings ``_receipt``, ``_source`` (the receipt's name)
    and ``_part`` (member, page or sheet; empty where there is one), and ``_row`` (Int64: the record's number in the
    part, from 1; for CSV the line on which it starts).
    """

    receipt: Receipt
    files: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    report: Mapping[str, Any]
    """How the bytes were read: encoding, delimiter, header row, rows skipped and why."""
    problem: Problem | None = None

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What was odd and held nothing up: a header alone, mixed line ends, filling at the end."""
        told = self.report.get("notices", ())
        read = (Problem(note["code"], {key: note[key] for key in note if key != "code"}) for note in told)
        return (*self.receipt.notices, *read)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The conservation law: ``rows_in == standard + quarantined + duplicates``."""

    rows_in: int = 0
    standard: int = 0
    quarantined: int = 0
    duplicates: int = 0

    @property
    def conserved(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows_in == self.standard + self.quarantined + self.duplicates

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(
            self.rows_in + other.rows_in,
            self.standard + other.standard,
            self.quarantined + other.quarantined,
            self.duplicates + other.duplicates,
        )


@dataclass(frozen=True, slots=True)
class ConformedBatch:
    """A conformed batch: files that lie in the tables' folders but that no Delta log names yet.

    ``standard`` files hold the contract's columns, ``_day`` only in the path (``_day=2026-03-01/…``) where the contract
    has a partition, and ``_batch``, ``_receipt``, ``_row`` (Int64), ``_source`` (the receipt's name), ``_warnings``
    (String: issue codes joined by ``,``; null where none).
    ``quarantine`` files: ``_batch, _receipt, _part, _row, _source``, ``raw`` (JSON of the source fields), ``key``
    (JSON of the key's columns; null where they cannot be read), ``codes`` (List[String]), ``reasons``
    (List[Struct{code, field, value, detail}]), ``state`` (``open``), ``quarantined_at``.
    ``duplicates`` files: ``_batch, _receipt, _row, survivor_receipt, survivor_row, kind``.
    """

    batch: str
    """The same receipts under the same declarations have the same batch id."""
    run: str
    dataset: str
    receipts: tuple[str, ...]
    standard: tuple[str, ...]
    quarantine: tuple[str, ...]
    duplicates: tuple[str, ...]
    counts: RowCounts
    issues: Mapping[str, int]
    """Rows by issue code, errors and warnings."""
    days: tuple[date, ...]
    fingerprint: str = ""
    """Hash of the declarations that made it."""
    notes: tuple[Problem, ...] = ()
    """What was seen and does not stop the batch: fields that nobody bound, values that a pivot does not list."""
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By column, the categories in its standard rows; those that the dataset never had before once that is known."""
    earlier: tuple[str, ...] = ()
    """Receipts of the same bytes that were read before: what they gave makes room for what this batch gives."""
    versions: tuple[tuple[str, str], ...] = ()
    """Receipts of earlier bytes of the same files, each with the batch's receipt that takes its place (``append``)."""

    @property
    def readings(self) -> tuple[str, ...]:
        """The batch's receipts and the earlier ones of the same bytes, in the order of their arrival."""
        return tuple(sorted({*self.receipts, *self.earlier}))


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What a commit changed. ``duplicates_stored`` and ``superseded`` adjust the batch's counts."""

    version: int
    days: tuple[date, ...]
    """Days whose standard rows changed."""
    duplicates_stored: int = 0
    """Rows dropped because the table already held exactly them."""
    superseded: int = 0
    """Rows that were, or came, older than another source's row of the same key (in ``ledger/duplicates`` by name)."""
    skipped: bool = False
    """The batch was already in the table (a retry after a crash)."""


BatchStatus = Literal["staged", "committed", "held", "failed", "unchanged", "incomplete"]
"""``staged``: conformed, and nothing has stopped it so far; only the commit makes it ``committed``.

No ledger row and no result of a finished run is ``staged``.
"""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One batch's outcome in a run, or the outcome of receipts that no batch was made of."""

    dataset: str
    status: BatchStatus
    batch: str | None = None
    receipts: tuple[Receipt, ...] = ()
    counts: RowCounts = RowCounts()
    issues: Mapping[str, int] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    days: tuple[date, ...] = ()
    superseded: int = 0
    table_version: int | None = None
    """Version of the standard Delta table that holds the batch."""
    fingerprint: str = ""
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""

    def stopped(self, error: CitylakeError) -> BatchResult:
        """The same batch, ``held`` by a fault of data or declarations, ``failed`` by a fault of the run."""
        status: BatchStatus = "failed" if error.issue.scope == "run" else "held"
        return replace(self, status=status, problems=(*self.problems, error.problem, *error.others))


@dataclass(frozen=True, slots=True)
class PipelineBatch:
    """A batch between two steps: its result so far, and its staged files if there are any."""

    result: BatchResult
    staged: ConformedBatch | None = None

    @property
    def is_staged(self) -> bool:
        """Whether there are staged files that nothing has stopped."""
        return self.staged is not None and self.result.status == "staged"


@dataclass(frozen=True, slots=True)
class DataGap:
    """Days of which a dataset had no rows when a mart was made that has them from others."""

    dataset: str
    department: str
    days: tuple[tuple[date, date], ...]
    """Spans, first and last day."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A mart's version, or why there is none."""

    mart: str
    status: Literal["published", "unchanged", "held", "failed"]
    version: str | None = None
    path: str | None = None
    tables: Mapping[str, int] = field(default_factory=dict)
    """Rows by table."""
    days: Mapping[str, tuple[date, ...] | None] = field(default_factory=dict)
    """Days built by table; None: all of it."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Delta version of each table that it holds (``mart.<mart>.<table>``), and of each that was read; -1: none yet."""
    checks: tuple[CheckResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    gaps: tuple[DataGap, ...] = ()
    """What a published version is incomplete by."""
    seconds: float = 0.0
