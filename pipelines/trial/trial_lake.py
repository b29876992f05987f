"""The scratch lake of a trial: one dataset is made in it, and the tables of the others are those of the real lake."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.lake.lake_zones import Lake


class TrialLake(LinkedLake):
    """``real``: the lake whose standard tables of other datasets are read, for code lists that come from a table."""

    def __init__(self, folder: Path, real: Lake, dataset: str) -> None:
        """Make an empty lake for one dataset in ``folder``."""
        super().__init__(folder, real)
        self._dataset = dataset

    @cached_property
    def storage_options(self) -> dict[str, str] | None:
        """The options for tables of the real lake; local paths need none."""
        return self._real.storage_options

    def standard(self, dataset: str) -> str:
        """The scratch folder of the trial's dataset; the real table of another."""
        return super().standard(dataset) if dataset == self._dataset else self._real.standard(dataset)
