"""What the steps of one dataset leave for each other: in memory, or as small JSON files in the lake."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import TypeAdapter

from citylake.pipelines.flow.work_mark import WorkMark
from citylake.pipelines.lake.durable_files import sync_files, sync_trees
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import remove_old_scratch, scratch_folder
from citylake.pipelines.records import BatchResult, ParsedReceipt, PipelineBatch, Receipt
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.blocks.memory_budget import Budget
    from citylake.pipelines.blocks.source_rows import SourceRows

T = TypeVar("T")


class StepState(ABC):
    """Results by step. As a context manager, it removes its scratch folder at the end."""

    durable: bool
    """Whether each step runs in a process of its own, and possibly more than once."""
    place = "—"
    """Where the results are, for messages."""

    def __init__(self) -> None:
        self._scratch: TemporaryDirectory[str] | None = None
        self.mark: WorkMark | None = None
        """The mark of this process while it processes the dataset."""

    def __enter__(self) -> Self:
        """The state itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the scratch folder and the mark."""
        self.end_mark()
        if self._scratch:
            self._scratch.cleanup()

    def end_mark(self) -> None:
        """The dataset is not processed any more, or its process is about to end in order."""
        if self.mark is not None:
            self.mark.end()
            self.mark = None

    @abstractmethod
    def save(self, step: str, kind: type[T], value: T) -> None:
        """Keep ``value`` for the steps after ``step``."""

    @abstractmethod
    def find(self, step: str, kind: type[T]) -> T | None:
        """What ``step`` left; None if there is nothing."""

    @abstractmethod
    def save_sources(self, sources: Sequence[SourceRows]) -> None:
        """Keep the rows that parse opened."""

    @abstractmethod
    def sources(self) -> Sequence[SourceRows]:
        """The rows that parse opened."""

    @abstractmethod
    def clear(self) -> None:
        """Remove everything, after the last step."""

    def load(self, step: str, kind: type[T]) -> T:
        """What ``step`` left; raises STEP_STATE_MISSING if it did not run, or if its result is removed."""
        found = self.find(step, kind)
        if found is None:
            raise CitylakeError("STEP_STATE_MISSING", step=step, place=self.place)
        return found

    def scratch(self) -> Path:
        """A folder that lasts as long as this state."""
        if self._scratch is None:
            remove_old_scratch()
            self._scratch = scratch_folder()
        return Path(self._scratch.name)

    def has_news(self) -> bool:
        """Whether the pull received new bytes; if not, the steps after it have nothing to do."""
        return any(receipt.status == "received" for receipt in self.load("pull", list[Receipt]))

    def batches(self, step: str) -> list[PipelineBatch]:
        """The batches as conform or audit left them."""
        return [_as_staged(batch) for batch in self.load(step, list[PipelineBatch])]

    def results(self) -> list[BatchResult]:
        """The outcome of the dataset; nothing before the commit has recorded it."""
        return self.find("results", list[BatchResult]) or []

    def acts(self) -> list[BatchResult]:
        """What became of the held batches that people had decided about before the pull."""
        return self.find("acts", list[BatchResult]) or []

    def seconds(self) -> dict[str, float]:
        """Seconds by step."""
        try:
            return self.find("seconds", dict[str, float]) or {}
        except ValueError:
            # Every step reads this file before it writes it: one that was killed while writing must not fail for ever.
            return {}


def _as_staged(batch: PipelineBatch) -> PipelineBatch:
    """A file written by revision 42b6f2e says ``committed`` of a batch that is only staged."""
    if batch.staged is None or batch.result.status != "committed":
        return batch
    return replace(batch, result=replace(batch.result, status="staged"))


class MemoryStepState(StepState):
    """Within one process. Parse is fused into conform: plain CSV is read once, as its blocks are conformed."""

    durable = False

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, Any] = {}
        self._sources: Sequence[SourceRows] = ()

    def save(self, step: str, kind: type[T], value: T) -> None:
        """Keep ``value``."""
        self._values[step] = value

    def find(self, step: str, kind: type[T]) -> T | None:
        """What ``step`` left."""
        value: T | None = self._values.get(step)
        return value

    def save_sources(self, sources: Sequence[SourceRows]) -> None:
        """Keep the rows; their bytes need not have been read."""
        self._sources = sources

    def sources(self) -> Sequence[SourceRows]:
        """The rows as they were saved."""
        return self._sources

    def clear(self) -> None:
        """Nothing to do: the results end with the process, and its caller wants them."""


class LakeStepState(StepState):
    """Between processes: JSON below ``handoff/<run>/<dataset>/``. Parse reads all rows, conform reads them again."""

    durable = True

    def __init__(self, lake: Lake, run: str, dataset: str, budget: Budget) -> None:
        super().__init__()
        self._lake, self._run, self._dataset, self._budget = lake, run, dataset, budget
        self.place = lake.path("handoff", run, dataset)

    def save(self, step: str, kind: type[T], value: T) -> None:
        """Write ``value`` to the lake."""
        write_step_state(self._lake, self._run, self._dataset, step, kind, value)

    def find(self, step: str, kind: type[T]) -> T | None:
        """Read what ``step`` wrote."""
        try:
            return read_step_state(self._lake, self._run, self._dataset, step, kind)
        except FileNotFoundError:
            return None

    def save_sources(self, sources: Sequence[SourceRows]) -> None:
        """Read all rows, and write how they are read again."""
        parsed = [source.store() for source in sources]
        sync_trees(self._lake, (self._lake.raw(self._dataset, each.receipt.id) for each in parsed))
        self.save("parse", list[ParsedReceipt], parsed)

    def sources(self) -> Sequence[SourceRows]:
        """The rows that parse has read: of the raw zone, or of the landed bytes."""
        from citylake.pipelines.parse.recorded_rows import open_parsed

        return open_parsed(self.load("parse", list[ParsedReceipt]), self._lake, self._budget, self.scratch)

    def clear(self) -> None:
        """Remove the files."""
        clear_step_state(self._lake, self._run, self._dataset)


def write_step_state(lake: Lake, run: str, dataset: str, step: str, kind: type[T], value: T) -> None:
    """Write ``value`` for the steps after ``step``."""
    path = _step_state_path(lake, run, dataset, step)
    lake.makedirs(path.rpartition("/")[0])
    with lake.fs.open(path, "wb") as file:
        file.write(TypeAdapter(kind).dump_json(value))
    # A scheduler remembers that the step is done: after a power cut, the next step must find this.
    sync_files(lake, [path])


def read_step_state(lake: Lake, run: str, dataset: str, step: str, kind: type[T]) -> T:
    """Read what ``step`` wrote; raises FileNotFoundError if it did not run."""
    with lake.fs.open(_step_state_path(lake, run, dataset, step), "rb") as file:
        return TypeAdapter(kind).validate_json(file.read())


def clear_step_state(lake: Lake, run: str, dataset: str) -> None:
    """Remove what the steps of this run wrote for the dataset."""
    folder = lake.path("handoff", run, dataset)
    if lake.fs.exists(folder):
        lake.fs.rm(folder, recursive=True)
    if lake.local:
        # Runs of several datasets may share a name: the last one to finish removes the folder.
        with suppress(OSError):
            os.rmdir(os.path.dirname(folder))


def _step_state_path(lake: Lake, run: str, dataset: str, step: str) -> str:
    return lake.path("handoff", run, dataset, f"{step}.json")
