"""Bad input, from the supplier's file to the message that a person reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.lake import Lake
from pipelines.parse.step import parse
from pipelines.pull.connector import Pulling
from pipelines.pull.step import pull
from pipelines.records import Parsed, Receipt, Run
from schemas.catalogue import tell
from schemas.contract import Contract
from schemas.faults import Problem


@dataclass
class Taken:
    """What became of one file: refused while pulling or parsing, or its rows and what was told."""

    lake: Lake
    receipt: Receipt
    parsed: Parsed | None

    @property
    def problem(self) -> Problem | None:
        return self.parsed.problem if self.parsed else self.receipt.problem

    @property
    def notices(self) -> list[dict[str, Any]]:
        return list(self.parsed.report.get("notices", ())) if self.parsed else []

    @property
    def frame(self) -> pl.DataFrame:
        assert self.parsed
        assert self.parsed.problem is None, self.parsed.problem
        return pl.read_parquet(self.parsed.files[0])

    def raw_files(self) -> list[Path]:
        return [path for path in Path(self.lake.path("raw")).rglob("*") if path.is_file()]


Taker = Callable[..., Taken]


@pytest.fixture
def take(tmp_path: Path) -> Taker:
    numbers = count()

    def run(body: bytes | Path, name: str = "上报.csv", format: Any = "csv", **source: Any) -> Taken:  # noqa: A002
        workspace = tmp_path / f"workspace{next(numbers)}"
        workspace.mkdir()
        if isinstance(body, bytes):
            (workspace / name).write_bytes(body)
        else:
            (workspace / name).symlink_to(body)
        contract = Contract.model_validate(
            {
                "dataset": "test.data",
                "title": {"zh": "试", "en": "test"},
                "owner": {"department": "test"},
                "source": {"connector": "files", "path": name, "format": format, **source},
                "fields": {"a": {"element": "test.a"}},
                "write": {"mode": "append"},
            }
        )
        lake = Lake(str(workspace / "lake"))
        run = Run("run", datetime(2026, 3, 1, tzinfo=UTC))
        (receipt,) = pull(contract, lake, Pulling({"WORKSPACE": str(workspace)}, run))
        parsed = parse(receipt, contract, lake) if receipt.status == "received" else None
        return Taken(lake, receipt, parsed)

    return run


def said(problem: Problem | dict[str, Any], language: str) -> str:
    """The message as people read it."""
    if isinstance(problem, Problem):
        return tell(problem.code, problem.values, language)
    return tell(problem["code"], problem, language)
