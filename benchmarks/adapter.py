"""The only module of the benchmark that calls citylake's steps; everything else uses the command line."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from citylake.pipelines.commit.commit_batch import commit_staged_batch
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipts
from citylake.pipelines.records import ConformedBatch, Receipt, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class Job:
    """Parse, conform and commit by one contract: no landing copy, no digest, no raw text, no audit, no ledger."""

    registry: Registry
    contract: Contract
    lake: Lake

    @classmethod
    def of(cls, workspace: Path, dataset: str, lake: Path) -> Job:
        """The job of one dataset."""
        registry = load_registry(workspace)
        return cls(registry, registry.contracts[dataset], Lake(str(lake)))

    def stage(self, receipts: Sequence[Sequence[Path]]) -> ConformedBatch:
        """Everything before the commit, as one batch; a receipt is one file, or several pages."""
        run = Run("benchmark", datetime.now(UTC))
        with TemporaryDirectory() as scratch:
            landed = [_receipt(files, self.contract.dataset) for files in receipts]
            found = open_receipts(landed, self.contract, self.lake, Path(scratch))
            for source in found:
                if source.problem:
                    raise CitylakeError(source.problem.code, **source.problem.values)
            return conform_batch(found, self.contract, self.registry, self.lake, run)

    def commit(self, staged: ConformedBatch) -> None:
        """The commit."""
        commit_staged_batch(self.contract, self.registry, staged, self.lake)


def _receipt(files: Sequence[Path], dataset: str) -> Receipt:
    whole = files[0] if len(files) == 1 else files[0].parent
    stamp = max(file.stat().st_mtime_ns for file in files)
    known = hashlib.sha256(f"{os.path.abspath(whole)}\0{stamp}".encode()).hexdigest()
    at = datetime.fromtimestamp(stamp / 1e9, UTC)
    return Receipt(
        id=f"{at:%Y%m%dT%H%M%S%f}-{known[:12]}",
        run="benchmark",
        dataset=dataset,
        source=str(whole),
        # Of two sources the later name wins, as with files that are named after their day.
        name=f"{at:%Y%m%dT%H%M%S}-{whole.name}",
        status="received",
        requested_at=at,
        received_at=at,
        sha256=known,
        size_bytes=sum(file.stat().st_size for file in files),
        landing=tuple(map(str, files)),
    )
