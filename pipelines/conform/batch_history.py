"""The other receipts of a batch's bytes and files: what is in the lake already, or will be by another run.

Runs may work at once, and commit in another order than they received. So the history is looked up again each time the
table has been read: a run records its receipts before it commits them, and a table that is read first names none that
the history misses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.records import ConformedBatch
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError


def add_history(context: RunContext, contract: Contract, staged: ConformedBatch) -> ConformedBatch:
    """The batch with its history as the run's ledger has read it."""
    ledger, mine = context.ledger, frozenset(staged.receipts)
    received = ledger.received_receipts(contract.dataset)
    batch = replace(staged, earlier=_same_bytes(received, mine), arrivals=ledger.first_arrivals(contract.dataset))
    if contract.write.mode != "append" or not contract.source.new_bytes_replace:
        return batch
    files = _versions_of_files(received, mine)
    newer = tuple((receipt, later) for file in files for receipt, later in file.newer)
    return replace(
        batch,
        versions=tuple((older, receipt) for file in files for older, receipt in file.older),
        newer=newer,
        settled=_committed(context, contract, {later for _, later in newer}),
    )


def refresh_history(
    context: RunContext, contract: Contract, staged: ConformedBatch, known: int | None = None
) -> ConformedBatch:
    """The batch with what other runs have received since.

    ``known``: the greatest number of the receipts that the ledger had when old receipts were chosen to be read again.
    Raises REPLAY_OVERTAKEN if a source has delivered other bytes after them.
    """
    context.ledger.expire_deliveries()
    if known is not None:
        _check_overtaken(context, contract, staged, known)
    return add_history(context, contract, staged)


def _check_overtaken(context: RunContext, contract: Contract, staged: ConformedBatch, known: int) -> None:
    every = context.ledger.received_receipts(contract.dataset)
    mine, news = every.filter(pl.col("id").is_in(list(staged.receipts))), every.filter(pl.col(SEQUENCE) > known)
    other = news.join(mine, on=["name", "source"], suffix="_mine").filter(pl.col("sha256") != pl.col("sha256_mine"))
    if other.height:
        raise CitylakeError("REPLAY_OVERTAKEN", dataset=contract.dataset, file=other["name"][0])


def _same_bytes(received: pl.DataFrame, mine: Collection[str]) -> tuple[str, ...]:
    """The other receipts that have brought the same bytes of files of the same name."""
    known = received.select("id", "name", "sha256")
    same = known.join(known.filter(pl.col("id").is_in(list(mine))), on=["name", "sha256"], how="semi")["id"]
    return tuple(sorted(set(same) - set(mine)))


def _committed(context: RunContext, contract: Contract, receipts: Collection[str]) -> frozenset[str]:
    if not receipts:
        return frozenset()
    done = context.ledger.committed_batches(contract.dataset)["receipts"].explode()
    return frozenset(receipts) & frozenset(done.drop_nulls())


@dataclass(frozen=True, slots=True)
class _FileVersions:
    """``older``: (receipt of earlier bytes, receipt of the batch); ``newer``: (receipt of the batch, later receipt)."""

    older: list[tuple[str, str]]
    newer: list[tuple[str, str]]


def _versions_of_files(received: pl.DataFrame, mine: Collection[str]) -> list[_FileVersions]:
    """Of each receipt of the batch, the receipts with other bytes of the same file, before and after its own bytes.

    Bytes that have returned after others are as new as their last receipt, by whichever of them the batch has them.
    """
    rows = received.select("name", "source", "id", "sha256")
    near = rows.join(rows.filter(pl.col("id").is_in(list(mine))), on=["name", "source"], how="semi")
    files: dict[tuple[str, str], dict[str, str]] = {}
    for name, source, identity, sha256 in near.sort("id").iter_rows():
        files.setdefault((name, source), {})[identity] = sha256
    return [_versions_of(receipt, file) for file in files.values() for receipt in _own(file, mine)]


def _own(file: Iterable[str], mine: Collection[str]) -> list[str]:
    return [receipt for receipt in file if receipt in mine]


def _versions_of(receipt: str, file: Mapping[str, str]) -> _FileVersions:
    bytes_ = file[receipt]
    last = max(identity for identity, sha256 in file.items() if sha256 == bytes_)
    others = [identity for identity, sha256 in file.items() if sha256 != bytes_]
    older = [(identity, receipt) for identity in others if identity < last]
    return _FileVersions(older, [(receipt, identity) for identity in others if identity > last])
