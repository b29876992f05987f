"""Bad input, from the supplier's file to the message that a person reads."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import parse_texts
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.records import ParsedReceipt, Receipt, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import render_issue


@dataclass
class Taken:
    """What became of one file: refused while pulling or parsing, or its rows and what was told."""

    lake: Lake
    receipt: Receipt
    parsed: ParsedReceipt | None
    texts: tuple[str, ...] = ()

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
        return pl.read_parquet(self.texts[0])

    def raw_files(self) -> list[Path]:
        return [path for path in Path(self.lake.path("raw")).rglob("*") if path.is_file()]


Taker = Callable[..., Taken]


@pytest.fixture
def take(tmp_path: Path) -> Taker:
    numbers = count()

    def run(
        body: bytes | Path,
        name: str = "上报.csv",
        format: Any = "csv",  # noqa: A002
        write: Any = None,
        **source: Any,
    ) -> Taken:
        workspace = tmp_path / f"workspace{next(numbers)}"
        workspace.mkdir()
        if isinstance(body, bytes):
            (workspace / name).write_bytes(body)
        else:
            shutil.copyfile(body, workspace / name)
        contract = Contract.model_validate(
            {
                "dataset": "test.data",
                "title": {"zh": "试", "en": "test"},
                "owner": {"department": "test"},
                "source": {"connector": "files", "path": name, "format": format, **source},
                "fields": {"a": {"element": "test.a"}},
                "write": write or {"mode": "append"},
            }
        )
        lake = Lake(str(workspace / "lake"))
        run = Run("run", datetime(2026, 3, 1, tzinfo=UTC))
        (receipt,) = pull_dataset(contract, lake, PullContext({"WORKSPACE": str(workspace)}, run))
        if receipt.status != "received":
            return Taken(lake, receipt, None)
        return Taken(lake, receipt, *parse_texts(receipt, contract, lake, workspace))

    return run


def said(problem: Problem | dict[str, Any], language: str) -> str:
    """The message as people read it."""
    if isinstance(problem, Problem):
        return render_issue(problem.code, problem.values, language)
    return render_issue(problem["code"], problem, language)
