from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import polars as pl
import pyarrow.parquet as pq
import pytest

from citylake.quality.audit import AuditCounts, TableHistory, audit_batch
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Judge = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., list[str]]:
    def write(*frames: pl.DataFrame, name: str = "batch") -> list[str]:
        files = []
        for number, frame in enumerate(frames):
            file = tmp_path / f"_day=2026-03-0{number + 1}" / f"{name}.parquet"
            file.parent.mkdir(exist_ok=True)
            frame.write_parquet(file)
            files.append(str(file))
        return files

    return write


@pytest.fixture
def judge() -> Judge:
    def run(of: Contract, files: Sequence[str] = (), **more: Any) -> dict[str, CheckResult]:
        rows = more.get("rows_standard", 0) or sum(pq.read_metadata(file).num_rows for file in files)
        counted = {"rows_in": rows, "rows_standard": rows, "rows_quarantined": 0} | more
        counts = AuditCounts(*(counted[name] for name in ("rows_in", "rows_standard", "rows_quarantined")))
        chosen = {"now": NOW} | {name: more[name] for name in ("now", "references", "history") if name in more}
        chosen.setdefault("history", TableHistory(batches=more.get("batches", ())))
        with duckdb.connect() as connection:
            connection.register_filesystem(fsspec.filesystem("memory"))
            checks = audit_batch(of, counts, connection, files=files, **chosen)
        return {check.name: check for check in checks}

    return run
