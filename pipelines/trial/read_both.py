"""The same receipts read by today's declarations and by changed ones, each as a replay would read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.replay_dataset import stage_joint_batch
from citylake.pipelines.flow.replay_sources import open_replayed
from citylake.pipelines.parse.plan_read import reading_words
from citylake.pipelines.records import ConformedBatch, PipelineBatch, Receipt, RowCounts
from citylake.pipelines.trial.trial_lake import TrialLake
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True)
class TrialReading:
    """One reading: the staged files in the scratch folder (None if nothing could be read), counts and problems."""

    staged: ConformedBatch | None
    counts: RowCounts
    problems: tuple[Problem, ...]
    held: bool

    @property
    def standard(self) -> tuple[str, ...]:
        """The files of rows that are accepted; none if the batch would be held."""
        return self.staged.standard if self.staged and not self.held else ()

    @property
    def quarantine(self) -> tuple[str, ...]:
        """The files of rows that are refused; none if the batch would be held."""
        return self.staged.quarantine if self.staged and not self.held else ()


def read_both(
    context: RunContext, dataset: str, changed: Registry, receipts: Sequence[Receipt], scratch: Path
) -> tuple[TrialReading, TrialReading]:
    """The reading by ``context.registry`` and the one by ``changed``; files are written below ``scratch`` alone."""
    today = _Side(context, context.registry, dataset, scratch / "today")
    after = _Side(context, changed, dataset, scratch / "changed")
    sources = today.open(receipts)
    first = today.read(sources)
    alike = all(today.words(receipt) == after.words(receipt) for receipt in receipts)
    return first, after.read(sources if alike else after.open(receipts))


class _Side:
    """One registry, with a lake of its own in the scratch folder."""

    def __init__(self, context: RunContext, registry: Registry, dataset: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder, self._lake = folder, TrialLake(folder / "lake", context.lake, dataset)
        # The ledger stays the real one: categories and earlier receipts are part of how a replay reads.
        self._context = replace(context, registry=registry, lake=self._lake)
        self._contract: Contract = registry.contracts[dataset]

    def words(self, receipt: Receipt) -> object:
        """What decides how the receipt's bytes become text."""
        return reading_words(receipt, self._contract, self._context.locale), self._contract.source.envelope

    def open(self, receipts: Sequence[Receipt]) -> list[SourceRows]:
        self._lake.link_receipts(receipts)
        texts = self._folder / "texts"
        texts.mkdir()
        return open_replayed(self._context, self._contract, receipts, texts)

    def read(self, sources: Sequence[SourceRows]) -> TrialReading:
        unread = tuple(source.problem for source in sources if source.problem)
        batch = stage_joint_batch(self._context, self._contract, sources)
        if batch is None:
            return TrialReading(None, RowCounts(), unread, held=bool(sources))
        return _reading(batch, unread)


def _reading(batch: PipelineBatch, unread: tuple[Problem, ...]) -> TrialReading:
    result = batch.result
    return TrialReading(batch.staged, result.counts, (*unread, *result.problems), held=not batch.is_staged)
