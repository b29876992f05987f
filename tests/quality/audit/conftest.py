from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from citylake.quality.audit import audit_batch
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
        given = {"rows_in": rows, "rows_standard": rows, "rows_quarantined": 0, "history": (), "now": NOW} | more
        return {check.name: check for check in audit_batch(of, files=files, **given)}

    return run
