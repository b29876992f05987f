"""Whoever wants to know what a run does to a dataset or a mart: where nobody does, nothing is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.records import BatchResult, Publication
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext


class Watch:
    """Told of each beginning and end. What is told must neither fail nor hold up the run."""

    def dataset_begins(self, context: RunContext, contract: Contract) -> None:
        """The dataset's source is about to be asked."""

    def dataset_ends(self, context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
        """All that came of it is committed, or will not be."""

    def mart_begins(self, context: RunContext, mart: Mart) -> None:
        """The mart is about to be built."""

    def mart_ends(self, context: RunContext, mart: Mart, done: Publication) -> None:
        """It is published, or will not be."""
