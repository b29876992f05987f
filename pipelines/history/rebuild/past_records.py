"""Builds and batches of the ledger, each read once: a refusal looks at the plans of many versions."""

from __future__ import annotations

from dataclasses import dataclass, field

from citylake.pipelines.history.rebuild.past_batch import PastBatch, past_batches
from citylake.pipelines.history.rebuild.past_publication import PastBuild, past_builds
from citylake.pipelines.lake.ledger import Ledger


@dataclass(slots=True)
class PastRecords:
    """What the ledger has of marts and datasets, by name."""

    ledger: Ledger
    _builds: dict[str, list[PastBuild]] = field(default_factory=dict)
    _batches: dict[str, list[PastBatch]] = field(default_factory=dict)

    def builds(self, mart: str) -> list[PastBuild]:
        """Return every build of a mart, oldest first."""
        if mart not in self._builds:
            self._builds[mart] = past_builds(self.ledger, mart)
        return self._builds[mart]

    def batches(self, dataset: str) -> list[PastBatch]:
        """Return the committed batches of a dataset, in the order in which its table got them."""
        if dataset not in self._batches:
            self._batches |= past_batches(self.ledger, [dataset])
        return self._batches[dataset]
