"""Which receipts a replay reads again: the last reading of the bytes of each source, as the ledger has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.changed_readings import changed_readings
from citylake.pipelines.lake.ledger import receipts_table
from citylake.pipelines.read.receipt_records import load_receipts
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import CitylakeError

_CONTENT = ["name", "source", "sha256"]


ReceiptSpan = tuple[str, str]
"""The first and the last of some receipts, by their ids."""


@dataclass(frozen=True, slots=True)
class DamagedFiles:
    """Files of a dataset's tables that the replay removes from them (``paths`` below the lake).

    ``spans``: the receipts that can have rows in one of them, or whose raw text is damaged.
    """

    paths: tuple[str, ...]
    spans: tuple[ReceiptSpan, ...]
    texts: tuple[str, ...] = ()
    """The receipts of which files in the raw zone are damaged: they are read by the contract alone."""


@dataclass(frozen=True, slots=True)
class ReplaySelection:
    """What to replay; without any option, the receipts that were read under other declarations than today's.

    ``batch``: its receipts; ``since``: those received on or after this day in the workspace's time zone;
    ``quarantine``: those with open quarantined rows whose declarations have changed since they were read, and those
    with decisions of people that they were read without. Several options narrow each other. ``damaged``: all receipts
    with rows in damaged files; no other option narrows it, because the files leave the tables with all their rows.
    """

    batch: str | None = None
    since: date | None = None
    quarantine: bool = False
    damaged: DamagedFiles | None = None

    @property
    def outdated(self) -> bool:
        """Whether only receipts that were read under other declarations are chosen."""
        return self.batch is None and self.since is None and not self.quarantine and self.damaged is None


@dataclass(frozen=True, slots=True)
class ReplayedReceipts:
    """The chosen receipts in order of arrival, and the batches that read them last."""

    receipts: tuple[Receipt, ...]
    batches: tuple[str, ...]


def select_replayed(context: RunContext, contract: Contract, chosen: ReplaySelection) -> ReplayedReceipts:
    """The receipts to replay; raises REPLAY_BATCH_UNKNOWN."""
    found = choose_readings(context, contract, chosen)[0]
    ids = found["id"].to_list()
    return ReplayedReceipts(load_receipts(context.ledger, ids), _batches_of(found))


def choose_readings(context: RunContext, contract: Contract, chosen: ReplaySelection) -> tuple[pl.DataFrame, int]:
    """The readings (``id``, ``batch``) to replay, and the number of receipts with open rows that are left alone.

    Raises REPLAY_BATCH_UNKNOWN.
    """
    found, left = _current_readings(context, contract), 0
    if chosen.damaged is not None:
        spans = [pl.col("id").is_between(pl.lit(first), pl.lit(last)) for first, last in chosen.damaged.spans]
        found = found.filter(pl.any_horizontal(pl.lit(value=False), *spans))
    if chosen.batch is not None:
        found = found.join(_batch_contents(context, contract, chosen.batch), on=_CONTENT, how="semi")
    if chosen.since is not None:
        zone = ZoneInfo(context.registry.workspace.settings.timezone)
        found = found.filter(pl.col("requested_at").dt.convert_time_zone(zone.key).dt.date() >= chosen.since)
    if chosen.quarantine:
        found, left = changed_readings(context, contract, found)
    if chosen.outdated:
        found = found.filter(pl.col("fingerprint") != contract_fingerprint(contract, context.registry))
    return found, left


def _batches_of(readings: pl.DataFrame) -> tuple[str, ...]:
    return tuple(readings["batch"].unique(maintain_order=True))


def check_batch(context: RunContext, contract: Contract, chosen: ReplaySelection) -> None:
    """Raise REPLAY_BATCH_UNKNOWN before anything runs."""
    if chosen.batch is not None:
        _batch_contents(context, contract, chosen.batch)


def _current_readings(context: RunContext, contract: Contract) -> pl.DataFrame:
    """The receipts whose rows can stand in the table, oldest first."""
    found = context.ledger.last_readings(contract.dataset)
    if contract.write.mode == "append" and contract.source.new_bytes_replace:
        return found.unique(["name", "source"], keep="last", maintain_order=True)
    return found


def _batch_contents(context: RunContext, contract: Contract, batch: str) -> pl.DataFrame:
    committed = context.ledger.committed_batches(contract.dataset)
    ids = committed.filter(pl.col("batch") == batch)["receipts"].explode()
    if not ids.len():
        known = ", ".join(committed["batch"].unique(maintain_order=True).tail(10)) or "—"
        raise CitylakeError("REPLAY_BATCH_UNKNOWN", dataset=contract.dataset, batch=batch, known=known)
    return context.ledger.read(receipts_table.TABLE).filter(pl.col("id").is_in(ids.implode())).select(_CONTENT)
