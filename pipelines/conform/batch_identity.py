"""What a batch is in the dataset's history: its id, and the earlier receipts of the same bytes or of the same files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions, load_decisions
from citylake.pipelines.records import ConformedBatch, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import CitylakeError


def batch_id(
    receipts: Sequence[Receipt],
    contract: Contract,
    declarations: str,
    after: str = "",
    decisions: RowDecisions | None = None,
) -> str:
    """20 hex digits: the same for the same bytes under the same declarations, unless ``after`` names another batch.

    ``decisions``: those about the receipts, if people made some.
    """
    seen = sorted(f"{receipt.name}\0{receipt.sha256}" for receipt in receipts)
    decided = decisions.digest if decisions is not None else ""
    parts = [contract.dataset, declarations, *seen, *([after] if after else []), *([decided] if decided else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class JointBatch:
    """The id of a batch that is conformed in several parts, because its receipts have different source columns."""

    id: str
    part: int


def batch_decisions(context: RunContext, contract: Contract, receipts: Sequence[Receipt]) -> RowDecisions | None:
    """The decisions of people that are in force for the receipts; None if the dataset has none."""
    return load_decisions(context.ledger, contract.dataset, [receipt.id for receipt in receipts])


def previous_batch(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], decisions: RowDecisions | None = None
) -> str:
    """The dataset's last batch, if these bytes under these declarations were committed before others; otherwise empty.

    Empty too if they are what the sources delivered last: another run has committed them since they were pulled, and
    they are the same batch.
    """
    declared = contract_fingerprint(contract, context.registry)
    done = context.ledger.committed_batches(contract.dataset)["batch"].to_list()
    if batch_id(receipts, contract, declared, decisions=decisions) not in done:
        return ""
    current = context.ledger.committed_receipts(contract.dataset, declared)
    return "" if all((each.name, each.sha256) in current for each in receipts) else str(done[-1])


def last_batch_id(context: RunContext, contract: Contract) -> str:
    """The dataset's last committed batch; empty if there is none."""
    done = context.ledger.committed_batches(contract.dataset)["batch"]
    return str(done[-1]) if done.len() else ""


def refresh_history(context: RunContext, contract: Contract, staged: ConformedBatch, known: int) -> ConformedBatch:
    """The batch of old receipts with what other runs have received since: receipts after the number ``known``.

    A run records its receipts before it commits them, so that a table read before this call names none that is missed.
    Raises REPLAY_OVERTAKEN if a source has delivered other bytes.
    """
    every = Ledger(context.lake).received_receipts(contract.dataset)
    mine = every.filter(pl.col("id").is_in(list(staged.receipts)))
    news = every.filter(pl.col(SEQUENCE) > known)
    other = news.join(mine, on=["name", "source"], suffix="_mine").filter(pl.col("sha256") != pl.col("sha256_mine"))
    if other.height:
        raise CitylakeError("REPLAY_OVERTAKEN", dataset=contract.dataset, file=other["name"][0])
    # As in ``earlier_receipts``: whose folder has moved, that delivers the same bytes from another source.
    same = news.join(mine, on=["name", "sha256"], how="semi")["id"]
    earlier = {*staged.earlier, *same} - set(staged.receipts)
    return replace(staged, earlier=tuple(sorted(earlier)))


def earlier_receipts(context: RunContext, contract: Contract, receipts: Sequence[Receipt]) -> tuple[str, ...]:
    """Receipts that brought the same bytes of the same sources before."""
    known = context.ledger.receipts_by_content(contract.dataset)
    same = {(receipt.name, receipt.sha256 or "") for receipt in receipts}
    now = {receipt.id for receipt in receipts}
    return tuple(identity for key in sorted(same) for identity in known.get(key, ()) if identity not in now)


def earlier_versions(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt]
) -> tuple[tuple[str, str], ...]:
    """Receipts of other bytes that the same files brought before: a file that grew holds its earlier rows again."""
    source = contract.source
    if contract.write.mode != "append" or not source.new_bytes_replace:
        return ()
    known = context.ledger.receipts_by_source(contract.dataset)
    return tuple(
        (identity, receipt.id)
        for receipt in receipts
        for identity, sha256 in known.get((receipt.name, receipt.source), ())
        if sha256 != receipt.sha256 and identity < receipt.id
    )
