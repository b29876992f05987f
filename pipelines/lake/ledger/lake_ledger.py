"""Records what happens in a run, and answers questions about earlier runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import (
    acts_table,
    alerts_table,
    batches_table,
    categories_table,
    checks_table,
    corrections_applied_table,
    files_table,
    meanings_table,
    publications_table,
    receipts_table,
    removals_table,
    states_table,
    table_changes,
)
from citylake.pipelines.lake.ledger.held_records import undecided_batches
from citylake.pipelines.lake.ledger.lake_status import BATCH_STATUS, latest_status_rows, summarize_status
from citylake.pipelines.lake.ledger.last_deliveries import (
    BATCH_COLUMNS,
    IS_COMMITTED,
    IS_RECEIVED,
    RECEIPT_COLUMNS,
    LastDeliveries,
)
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore, ledger_now
from citylake.pipelines.lake.ledger.publications_table import PublishedVersion
from citylake.pipelines.lake.ledger.recorded_revisions import RecordedRevisions
from citylake.pipelines.lake.ledger.undecided_receipts import UndecidedReceipts
from citylake.pipelines.records import BatchResult, Publication, Receipt, ResumePoint
from citylake.quality.check_result import CheckResult
from citylake.schemas.read.declaration_texts import DeclarationTexts

FILES_AT_ONCE = 500
"""Digests of files that may wait in memory while the datasets of a run are committed."""
_STATES = ("sequence", "dataset", "name", "state")
_CATEGORY = ("sequence", "dataset", "column_name", "value")
_MEANING = ("sequence", "dataset", "fingerprint", "meaning")


class Ledger:
    """The ledger of one lake. Added rows are visible to every method at once, and stored by :meth:`flush`."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._store = LedgerStore(lake)
        self._last = LastDeliveries(self._store)
        self.undecided = UndecidedReceipts(self._store)
        self._revisions = RecordedRevisions(self._store)

    def add_receipts(self, found: Iterable[Receipt]) -> None:
        """Record fetch attempts, including failed ones."""
        self._store.add(receipts_table.TABLE, [receipts_table.receipt_row(receipt) for receipt in found])

    def add_batches(
        self, results: Iterable[BatchResult], fingerprint: str = "", run: str = "", revision: str = ""
    ) -> None:
        """Record outcomes; ``run``: default is the receipts' run. Raises ROWS_NOT_CONSERVED."""
        rows = [batches_table.batch_row(result, run, fingerprint, ledger_now(), revision) for result in results]
        self._store.add(batches_table.TABLE, rows)

    def add_revision(self, declared: DeclarationTexts, run: str) -> str:
        """Record the declarations in force, unless they are on record. Return their revision."""
        return self._revisions.add(declared, run)

    def declaration_texts(self, revision: str) -> DeclarationTexts:
        """Return the declaration files of a revision. Raises REVISION_UNKNOWN."""
        return self._revisions.texts(revision)

    def add_checks(self, run: str, subject: str, batch: str, judged: Iterable[CheckResult]) -> None:
        """Record the checks of a dataset's batch or a mart's version."""
        self._store.add(
            checks_table.TABLE, [checks_table.check_row(check, run, subject, batch, ledger_now()) for check in judged]
        )

    def recorded_outcomes(self, run: str, dataset: str) -> set[tuple[str | None, str]]:
        """Return (batch, status) of each outcome of ``dataset`` that ``run`` recorded."""
        chosen = (pl.col("run") == run) & (pl.col("dataset") == dataset)
        return set(self._store.read(batches_table.TABLE, chosen).select("batch", "status").iter_rows())

    def ends_in_failure(self, run: str, dataset: str) -> bool:
        """Whether the last outcome of ``dataset`` that ``run`` has recorded is a failure."""
        chosen = (pl.col("run") == run) & (pl.col("dataset") == dataset)
        return self._store.read(batches_table.TABLE, chosen)["status"].to_list()[-1:] == ["failed"]

    def held_by_other_runs(self, run: str, dataset: str) -> set[str | None]:
        """Return the batches of ``dataset`` that other runs held.

        None is one of them if the last outcome is held and has no batch: its bytes were held before conform.
        """
        chosen = (pl.col("run") != run) & (pl.col("dataset") == dataset) & (pl.col("status") != "unchanged")
        rows = self._store.read(batches_table.TABLE, chosen).select("batch", "status").rows()
        unread = {None} if rows[-1:] == [(None, "held")] else set()
        return unread | {batch for batch, status in rows if batch and status == "held"}

    def add_categories(self, dataset: str, values: Mapping[str, Collection[str]], batch: str) -> None:
        """Record the categories of a committed batch by column; those already recorded are skipped."""
        known = self.categories(dataset)
        fresh = {column: set(found) - known.get(column, set()) for column, found in values.items()}
        ordered = {column: sorted(found) for column, found in fresh.items()}
        self._store.add(categories_table.TABLE, categories_table.category_rows(dataset, ordered, batch, ledger_now()))

    def categories(self, dataset: str) -> dict[str, set[str]]:
        """Return every recorded category of the dataset by column."""
        found: dict[str, set[str]] = {}
        for *_, column, value in self._store.dataset_rows(categories_table.TABLE, dataset, _CATEGORY).iter_rows():
            found.setdefault(column, set()).add(value)
        return found

    def set_meaning(self, dataset: str, fingerprint: str, meaning: Mapping[str, Any]) -> None:
        """Record what the columns mean under a fingerprint."""
        row = meanings_table.meaning_row(dataset, fingerprint, meaning, ledger_now())
        self._store.add(meanings_table.TABLE, [row])

    def meanings(self, dataset: str) -> dict[str, dict[str, Any]]:
        """Return the recorded meanings by fingerprint; for the same one, the last."""
        found = self._store.dataset_rows(meanings_table.TABLE, dataset, _MEANING)
        return {fingerprint: json.loads(text) for fingerprint, text in found.select(_MEANING[2:]).iter_rows()}

    def last_readings(self, dataset: str) -> pl.DataFrame:
        """Return the receipts of committed batches, each with the ``batch`` and ``fingerprint`` that last read it.

        Of receipts of the same bytes of the same source only the last, which has replaced the others' rows.
        """
        read = self.committed_batches(dataset).select("batch", "fingerprint", id="receipts").explode("id")
        last = read.unique("id", keep="last", maintain_order=True).with_row_index("order")
        found = self._received(dataset).join(last, on="id").sort("order")
        return found.unique(["name", "source", "sha256"], keep="last", maintain_order=True).sort("id")

    def add_publication(
        self, done: Publication, versions: Mapping[str, int], tables_hash: str, run: str = "", revision: str = ""
    ) -> None:
        """Record an attempt to publish a mart, with the Delta ``versions`` of the tables that were read."""
        row = publications_table.publication_row(done, versions, tables_hash, run, ledger_now(), revision)
        self._store.add(publications_table.TABLE, [row])

    def add_act(self, act: acts_table.Act) -> None:
        """Record a person's act. Store its rows and corrections before it, with :meth:`append_frame`."""
        self._store.add(acts_table.TABLE, [acts_table.act_row(act, ledger_now())])

    def append_frame(self, table: str, rows: pl.DataFrame) -> None:
        """Store many rows of a table at once; ``rows`` has its columns but the sequence."""
        self._store.append_frame(table, rows)

    def add_applied(self, dataset: str, batch: str, applied: Mapping[str, int]) -> None:
        """Record the acts that a committed batch knew, with what each changed; those on record are skipped."""
        if applied:
            table = corrections_applied_table.TABLE
            found = self._store.dataset_rows(table, dataset, ("sequence", "dataset", "batch", "act_id"))
            known = set(found.filter(pl.col("batch") == batch)["act_id"])
            fresh = {act: rows for act, rows in applied.items() if act not in known}
            self._store.add(table, corrections_applied_table.applied_rows(dataset, batch, fresh, ledger_now()))

    def add_alert(self, dataset: str, newest: datetime | None, channels: list[str], *, late: bool) -> None:
        """Record a notification that a dataset is late, or on time again (``late=False``)."""
        row = alerts_table.alert_row(dataset, newest, channels, ledger_now(), late=late)
        self._store.add(alerts_table.TABLE, [row])

    def late_alerts(self) -> set[tuple[str, str]]:
        """Return (dataset, channel) if the last notification that the channel accepted says the dataset is late."""
        each = self._store.read(alerts_table.TABLE).explode("channels")
        last = each.unique(["dataset", "channels"], keep="last", maintain_order=True)
        return set(last.filter("late").select("dataset", "channels").iter_rows())

    def add_states(self, run: str, dataset: str, found: Iterable[Receipt]) -> bool:
        """Record the states of committed receipts that differ from the recorded ones; return whether any does."""
        before, at = self.states(dataset), ledger_now()
        moved = [(receipt, receipt.state) for receipt in found if receipt.state != before.get(receipt.name)]
        rows = [
            states_table.state_row(dataset, each.name, to, at, run=run, receipt=each.id) for each, to in moved if to
        ]
        self._store.add(states_table.TABLE, rows)
        return bool(rows)

    def set_state(self, dataset: str, name: str, state: Mapping[str, Any]) -> None:
        """Record a state that an operator set; the next pull continues from it."""
        self._store.add(states_table.TABLE, [states_table.state_row(dataset, name, state, ledger_now())])

    def states(self, dataset: str) -> dict[str, dict[str, Any]]:
        """Return the state from which the next pull continues, by the source's name."""
        found = self._store.dataset_rows(states_table.TABLE, dataset, _STATES)
        if found.is_empty():
            return {}
        return {name: json.loads(state) for name, state in found.select("name", "state").iter_rows()}

    def last_states(self, dataset: str) -> list[dict[str, Any]]:
        """Return the last recorded state of each of the dataset's sources, as rows of ``states``."""
        found = self._store.read(states_table.TABLE, pl.col("dataset") == dataset)
        last = found.unique("name", keep="last", maintain_order=True).sort("name")
        return [{**row, "state": json.loads(row["state"])} for row in last.to_dicts()]

    def resume_points(self, dataset: str) -> dict[str, ResumePoint]:
        """Return the interrupted pulls that can be continued, by the source's name."""
        found = self._store.dataset_rows(receipts_table.TABLE, dataset, RECEIPT_COLUMNS)
        return receipts_table.parse_resume_points(found) if found["cursor"].null_count() < found.height else {}

    def add_removals(self, run: str, zone: str, subject: str, gone: Mapping[str, Mapping[str, Any]]) -> None:
        """Record what retention deletes of a dataset's receipts or a mart's versions."""
        self._store.add(removals_table.TABLE, removals_table.removal_rows(run, zone, subject, gone, ledger_now()))

    def add_files(self, run: str, place: str, found: Iterable[files_table.RecordedFile]) -> None:
        """Record digests of files of the table or folder ``place`` (a path below the lake)."""
        self._store.add(files_table.TABLE, files_table.file_rows(run, place, found, ledger_now()))

    def recorded_digests(self, place: str, paths: Collection[str] | None = None) -> dict[str, FileDigest]:
        """Return the recorded digests by path below the lake, of the files of one table or folder, or of ``paths``."""
        return files_table.last_digests(self._store.scan(files_table.TABLE), place, paths)

    def last_recorded_paths(self, place: str) -> set[str]:
        """Return the paths of ``place`` among the digests that were stored last, together."""
        return set(self._store.newest_rows(files_table.TABLE).filter(pl.col("place") == place)["path"])

    def expect(self, datasets: Collection[str]) -> None:
        """Read only what concerns these datasets: the process asks about no other. If it does, all is read."""
        self._store.set_scope(datasets)

    def flush(self) -> None:
        """Store the added rows: one transaction per table."""
        self._store.flush()

    def flush_receipts(self) -> None:
        """Store the added receipts only: before their bytes are read, they must be on record."""
        self._store.flush({receipts_table.TABLE})

    def flush_batch(self) -> None:
        """Store the added rows after the commit of a batch. Digests may wait until there are ``FILES_AT_ONCE``."""
        digests = self._store.count_buffered(files_table.TABLE) >= FILES_AT_ONCE
        self._store.flush([name for name in LEDGER_TABLES if digests or name != files_table.TABLE])

    def expire_deliveries(self) -> None:
        """Let the next question about deliveries count those that other processes have recorded meanwhile."""
        self._store.expire((receipts_table.TABLE, batches_table.TABLE))

    def written_logs(self) -> Mapping[str, Collection[str]]:
        """Return the names of the files that this process has written to the log of each table of the ledger."""
        return self._store.written_logs()

    def read(self, table: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return a table, or its rows that meet ``where``; ``table``: a name in ``ledger_store.LEDGER_TABLES``."""
        return self._store.read(table, where)

    def committed_receipts(self, dataset: str, fingerprint: str) -> dict[tuple[str, str], str]:
        """Return committed receipts by (name, SHA-256) whose batch has this fingerprint.

        Only the last delivery of each source: bytes that return after others, and declarations that were changed and
        changed back, are processed again.
        """
        found = self.last_deliveries(dataset)
        return {(name, sha256): receipt for name, sha256, receipt, declared in found if declared == fingerprint}

    def last_deliveries(self, dataset: str) -> list[tuple[str, str, str, str]]:
        """Return name, SHA-256, receipt and fingerprint of the last committed delivery of each source."""
        return self._last.of(dataset)

    def received_receipts(self, dataset: str) -> pl.DataFrame:
        """Return every receipt of new bytes: id, name, source, SHA-256, time of the request and landed files."""
        return self._received(dataset)

    def newest_receipt(self, dataset: str) -> str:
        """Return the greatest id of the receipts of new bytes; empty before the first."""
        return str(self._received(dataset)["id"].max() or "")

    def newest_receipt_number(self, dataset: str) -> int:
        """Return the greatest ``sequence`` of the receipts of new bytes; 0 before the first."""
        return max(self._received(dataset)["sequence"].to_list(), default=0)

    def first_arrivals(self, dataset: str) -> dict[str, str]:
        """Return receipt → the first receipt of the same bytes, for bytes that a source delivered several times on end.

        Bytes that return after others count as new.
        """
        columns = ["name", "source", "sha256"]
        ordered = self._received(dataset).select(*columns, "id").sort("name", "source", "id")
        begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in columns)
        first = pl.when(begins | (pl.int_range(pl.len()) == 0)).then("id").forward_fill().alias("first")
        again = ordered.select("id", first).filter(pl.col("id") != pl.col("first"))
        return dict(again.select("id", "first").iter_rows())

    def committed_batches(self, dataset: str) -> pl.DataFrame:
        """Return the committed batches, oldest first, with receipts, fingerprint and number of standard rows."""
        return self._store.dataset_rows(batches_table.TABLE, dataset, BATCH_COLUMNS).filter(IS_COMMITTED)

    def last_table_version(self, dataset: str) -> int:
        """Return the version of the standard table after the last recorded commit, or -1 if there is none."""
        versions = self.committed_batches(dataset)["table_version"].drop_nulls()
        return int(versions[-1]) if versions.len() else -1

    def _received(self, dataset: str) -> pl.DataFrame:
        return self._store.dataset_rows(receipts_table.TABLE, dataset, RECEIPT_COLUMNS).filter(IS_RECEIVED)

    def row_history(self, dataset: str, n: int = 30) -> list[int]:
        """Return the number of standard rows of each of the last ``n`` committed batches but replays, oldest first."""
        first = self.committed_batches(dataset).filter(pl.col("supersedes").list.len().fill_null(0) == 0)
        return first.tail(n)["rows_standard"].to_list()

    def last_batch(self, dataset: str) -> dict[str, Any] | None:
        """Return the last recorded batch as a row."""
        mine = (pl.col("dataset") == dataset) & pl.col("batch").is_not_null()
        rows = self._store.read(batches_table.TABLE, mine)
        return rows.row(-1, named=True) if rows.height else None

    def changed_days(self, dataset: str, since_version: int | None) -> set[date] | None:
        """Return the days of the standard table that changed after ``since_version``; None: all of them."""
        return table_changes.changed_dataset_days(self.lake, dataset, since_version)

    def last_publication(self, mart: str) -> PublishedVersion | None:
        """Return the current version of a mart."""
        chosen = (pl.col("mart") == mart) & pl.col("status").is_in(publications_table.MADE_CURRENT)
        rows = self._store.read(publications_table.TABLE, chosen)
        return publications_table.parse_published_version(rows.row(-1, named=True)) if rows.height else None

    def status(self) -> dict[str, Any]:
        """Return ``datasets`` with their last batch and ``marts`` with their last version, ready for JSON."""
        batches = self.latest_rows(batches_table.TABLE, BATCH_STATUS)
        found = summarize_status(batches, self.latest_rows(publications_table.TABLE))
        for entry in found["datasets"]:
            if entry["held"]:
                waiting = undecided_batches(self, entry["dataset"])
                entry["held"] = sorted(each.batch for each in waiting if each.status == "held")
        return found

    def dataset_rows(
        self, table: str, dataset: str, names: Sequence[str], among: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Return columns of one dataset's rows in written order; ``names`` has the sequence and dataset.

        The rows of all datasets are read with it, or of those ``among`` which it is.
        """
        return self._store.dataset_rows(table, dataset, names, among)

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a whole table as a lazy frame, in no order."""
        return self._store.scan(table)

    def latest_rows(self, table: str, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the last row per status of every dataset or mart, and of batches that are held; ``names``: columns."""
        return latest_status_rows(self.scan(table) if names is None else self.scan(table).select(names))
