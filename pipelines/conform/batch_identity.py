"""What a batch is in the dataset's history: its id, and the batch that it follows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions, load_decisions
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint


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
