"""One bad file does not hold the good files beside it: a batch of several receipts that is held is judged by receipt.

The receipts that are held alone are bad. The others are one batch, which every gate judges again; if it passes, it is
committed, and each bad receipt is held by itself. Otherwise the fault is of all of them together, and so is the hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.conform.stage_batch import stage_batch
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.dataset_steps import audit_step, commit_step
from citylake.pipelines.records import PipelineBatch
from citylake.schemas.model.contract import Contract

_JOINT = frozenset({"CONTRACT_MEANING_CHANGED", "TABLE_TYPE_CHANGED"})
"""Faults between the contract and the table: no receipt is better than another."""


def split_held(
    context: RunContext, contract: Contract, batch: PipelineBatch, sources: Sequence[SourceRows]
) -> list[PipelineBatch]:
    """Return the batch, or if it is held because of some of its receipts: the others, and each of those alone."""
    mine = _separable(contract, batch, sources)
    if len(mine) < 2:
        return [batch]
    # How many rows a delivery has says nothing about one of its files.
    lenient = contract.model_copy(update={"expect": contract.expect.of_many_deliveries()})
    alone = [(source, _judge(context, lenient, [source])) for source in mine]
    bad = [(source, judged) for source, judged in alone if judged is None or not judged.is_staged]
    good = [source for source, judged in alone if judged is not None and judged.is_staged]
    rest = _judge(context, contract, good) if bad and good else None
    if rest is None or not rest.is_staged:
        return [batch]
    return [rest, *(judged for _, judged in bad if judged is not None)]


def commit_by_receipt(
    context: RunContext, contract: Contract, batch: PipelineBatch, sources: Sequence[SourceRows]
) -> list[PipelineBatch]:
    """Return the batch; if only its commit has held it (a partition would shrink), its receipts in order of arrival.

    Each is committed alone, and those that the table refuses are held.
    """
    stopped = {problem.code for problem in batch.result.problems}
    mine = _separable(contract, batch, sources) if "REPLACE_SHRINKS" in stopped else []
    if len(mine) < 2:
        return [batch]
    judged = [_judge(context, contract, [source]) for source in sorted(mine, key=lambda source: source.receipt.id)]
    return [commit_step(context, contract, each) for each in judged if each is not None]


def _separable(contract: Contract, batch: PipelineBatch, sources: Sequence[SourceRows]) -> list[SourceRows]:
    """The batch's sources, if it is held and its receipts can be judged apart. A register is whole, or wrong."""
    result = batch.result
    if result.status != "held" or contract.write.mode == "snapshot" or len(result.receipts) < 2:
        return []
    if _JOINT & {problem.code for problem in result.problems}:
        return []
    names = {receipt.id for receipt in result.receipts}
    return [source for source in sources if source.receipt.id in names and source.problem is None]


def _judge(context: RunContext, contract: Contract, sources: Sequence[SourceRows]) -> PipelineBatch | None:
    staged = stage_batch(context, contract, sources)
    return audit_step(context, contract, staged) if staged else None
