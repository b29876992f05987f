"""The one place where the benchmark calls citylake's steps; the rest of it goes through the command."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipelines.commit.step import commit
from pipelines.conform.step import conform
from pipelines.lake import Lake
from pipelines.parse.step import parse
from pipelines.records import Receipt, Run
from schemas.faults import CitylakeError
from schemas.registry import load


def take(sources: Sequence[Path], lake_folder: Path, workspace: Path, dataset: str) -> None:
    """Parse, conform and commit the files as one batch: no landing copy, no digest, no audit, no ledger."""
    registry, lake = load(workspace), Lake(str(lake_folder))
    contract = registry.contracts[dataset]
    now = datetime.now(UTC)
    parsed = [parse(_receipt(source, dataset, now), contract, lake) for source in sources]
    for item in parsed:
        if item.problem:
            raise CitylakeError(item.problem.code, **item.problem.values)
    staged = conform(parsed, contract, registry, lake, Run("benchmark", now))
    commit(contract, registry, staged, lake)


def _receipt(source: Path, dataset: str, now: datetime) -> Receipt:
    known = hashlib.sha256(f"{source.resolve()}\0{source.stat().st_mtime_ns}".encode()).hexdigest()
    return Receipt(
        id=f"receipt-{known[:12]}",
        run="benchmark",
        dataset=dataset,
        source=str(source),
        name=source.name,
        status="received",
        requested_at=now,
        received_at=now,
        sha256=known,
        size_bytes=source.stat().st_size,
        landing=(str(source),),
    )
