"""Records that the steps pass to each other: ids, counts and paths, never rows of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from citylake.quality.check_result import CheckResult
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its id (sorts by start time), its start, and the requested days."""

    id: str
    started_at: datetime
    day_from: date | None = None
    day_to: date | None = None


ReceiptStatus = Literal["received", "unchanged", "waiting", "incomplete", "failed"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One fetch attempt.

    ``received``: new bytes are in landing. ``unchanged``: the same bytes as ``same_as``, nothing to do. ``incomplete``:
    bytes are in landing, but ``declared_count`` ≠ ``stored_count`` or a page failed. ``failed``: see ``problem``.
    ``waiting``: the source reports that its data are not complete yet (``problem``); the next run tries again.
    """

    id: str
    run: str
    dataset: str
    source: str
    """Path or URL that was requested, without secrets."""
    name: str
    """File name: used by ``name_fields`` and for the order of sources."""
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
    """How completeness was verified (``citylake.pipelines.pull.connector_api.CompletenessProof``)."""
    state: Mapping[str, Any] | None = None
    """State from which the source's next pull continues, recorded when this one is committed."""
    cursor: Mapping[str, Any] | None = None
    """Where the next run can continue an incomplete pull."""
    notices: tuple[Problem, ...] = ()
    """Warnings of the pull, reported with the batch."""


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """An interrupted pull that the next run can continue."""

    requested_at: datetime
    landing: tuple[str, ...]
    """Paths of the files that it landed, in order."""
    cursor: dict[str, Any]
    """Where it stopped: a small JSON object of the connector."""


@dataclass(frozen=True, slots=True)
class RefusedRecords:
    """Records that a reader refused one by one: ``rows`` of them in Parquet ``files`` of the raw zone.

    Columns: ``_receipt``, ``_source``, ``_part``, ``_row`` as in the rows; ``text`` (the record's lines, bytes that
    cannot be decoded in hexadecimal), ``code`` (the issue), and ``value`` and ``detail`` of the reason.
    """

    files: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ParsedReceipt:
    """A receipt as text columns. ``files`` of the raw zone: Parquet of its text, or the read record (``read.json``).

    Parquet files hold every source field as String, plus the Strings ``_receipt``, ``_source`` (the receipt's name)
    and ``_part`` (member, page or sheet; empty if there is only one), and ``_row`` (Int64: the record's number in the
    part, from 1; for CSV the line on which it starts).
    """

    receipt: Receipt
    files: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    report: Mapping[str, Any]
    """How the bytes were read: encoding, delimiter, header row, skipped rows with the reason."""
    problem: Problem | None = None
    refused: RefusedRecords = RefusedRecords()

    @property
    def notices(self) -> tuple[Problem, ...]:
        """Warnings of pull and parse: a header without rows, mixed line ends, padding at the end."""
        notes = self.report.get("notices", ())
        read = (Problem(note["code"], {key: note[key] for key in note if key != "code"}) for note in notes)
        return (*self.receipt.notices, *read)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Row counts of a batch; conserved: ``rows_in == standard + quarantined + duplicates + filtered``.

    ``filtered``: rows that are not the dataset's, by its ``where``. ``values_refused``: values of standard rows that
    were refused and are null.
    """

    rows_in: int = 0
    standard: int = 0
    quarantined: int = 0
    duplicates: int = 0
    filtered: int = 0
    values_refused: int = 0

    @property
    def conserved(self) -> bool:
        """Whether the counts add up to ``rows_in``."""
        return self.rows_in == self.standard + self.quarantined + self.duplicates + self.filtered

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class ConformedBatch:
    """A conformed batch: files in the tables' folders that are not in a Delta log yet.

    ``standard`` files hold the contract's columns, ``_day`` only in the path (``_day=2026-03-01/…``) if the contract
    has a partition, and ``_batch``, ``_receipt``, ``_row`` (Int64), ``_source`` (the receipt's name), ``_warnings``
    (String: issue codes joined by ``,``; null if none), and, if values can be refused, ``_refused`` (String: columns
    joined by ``,``).
    ``quarantine`` files: ``_batch, _receipt, _part, _row, _source``, ``raw`` (JSON of the source fields), ``key``
    (JSON of the key's columns; null if they cannot be read), ``codes`` (List[String]), ``reasons``
    (List[Struct{code, field, value, detail}]), ``refused`` (List[String]: the columns of a standard row whose values
    were refused; null if the whole row was), ``state`` (``open``), ``quarantined_at``.
    ``duplicates`` files: ``_batch, _receipt, _row, survivor_receipt, survivor_row, kind``.
    """

    batch: str
    """Hash of the receipts and the declarations: equal inputs have equal ids."""
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
    """Hash of the declarations."""
    notes: tuple[Problem, ...] = ()
    """Warnings: unbound fields, values that a pivot does not list."""
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By column, the categories in its standard rows; reduced to new ones once the recorded ones are known."""
    earlier: tuple[str, ...] = ()
    """Receipts of the same bytes in earlier batches: this batch replaces their rows."""
    arrivals: Mapping[str, str] = field(default_factory=dict)
    """Receipt of bytes that were received again → the receipt by which they first arrived."""
    versions: tuple[tuple[str, str], ...] = ()
    """(earlier receipt of the same file, receipt of this batch that replaces it), for write mode ``append``."""
    newer: tuple[tuple[str, str], ...] = ()
    """(receipt of this batch, later receipt of the same file with other bytes), for write mode ``append``."""
    settled: frozenset[str] = frozenset()
    """The later receipts of ``newer`` that are in a committed batch."""
    applied: Mapping[str, int] = field(default_factory=dict)
    """By act that was known when the receipts were read: the values that its corrections changed, and its rows."""
    damaged: tuple[str, ...] = ()
    """Damaged files, by path below the lake: they are not read, and leave the tables with this batch's commit."""

    @property
    def readings(self) -> tuple[str, ...]:
        """The batch's receipts and the earlier ones of the same bytes, in order of arrival."""
        return tuple(sorted({*self.receipts, *self.earlier}))

    @property
    def replaced_receipts(self) -> frozenset[str]:
        """The receipts of which no earlier row is left once the batch is committed."""
        return frozenset({*self.readings, *(earlier for earlier, _ in self.versions)})


@dataclass(frozen=True, slots=True)
class CommitResult:
    """Result of a commit. ``duplicates_stored`` and ``superseded`` adjust the batch's counts."""

    version: int
    days: tuple[date, ...]
    """Days whose standard rows changed."""
    duplicates_stored: int = 0
    """Rows dropped because the table already contains an equal row."""
    superseded: int = 0
    """Rows replaced by, or older than, another source's row of the same key (listed in ``ledger/duplicates``)."""
    skipped: bool = False
    """Whether the batch was already in the table (a retry after a crash)."""
    planned_again: int = 0
    """How often one of its transactions was planned again because another run's came first."""


BatchStatus = Literal["staged", "committed", "held", "rejected", "failed", "unchanged", "incomplete"]
"""``staged``: conformed, and nothing has stopped it so far; only the commit makes it ``committed``. ``rejected``: held,
and a person has decided that nothing of it comes in.

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
    """Version of the standard Delta table that contains the batch."""
    fingerprint: str = ""
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""
    supersedes: tuple[str, ...] = ()
    """The batches whose receipts this one, a replay, has read again."""
    planned_again: int = 0
    """How often a commit of the batch was planned again because another run's came first."""

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
    """Days for which a dataset has no rows although the mart has rows from other datasets."""

    dataset: str
    department: str
    days: tuple[tuple[date, date], ...]
    """Spans: (first day, last day)."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Outcome of building and publishing a mart."""

    mart: str
    status: Literal["published", "unchanged", "held", "failed", "rolled_back"]
    """``rolled_back``: a person has made an earlier version current again."""
    version: str | None = None
    path: str | None = None
    tables: Mapping[str, int] = field(default_factory=dict)
    """Rows by table."""
    days: Mapping[str, tuple[date, ...] | None] = field(default_factory=dict)
    """Built days by table; None: the whole table."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Delta version of each table of the mart (``mart.<mart>.<table>``) and of each table read; -1: no table yet."""
    checks: tuple[CheckResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    gaps: tuple[DataGap, ...] = ()
    """Missing days of a published version."""
    seconds: float = 0.0
