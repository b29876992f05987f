"""Bytes to a receipt to raw rows."""

from __future__ import annotations

import os
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
from citylake.pipelines.records import ParsedReceipt, Receipt
from citylake.schemas.model.contract import Contract


@dataclass
class Outcome:
    parsed: ParsedReceipt
    texts: tuple[str, ...]
    """Parquet files of the rows."""

    @property
    def frame(self) -> pl.DataFrame:
        assert self.parsed.problem is None, self.parsed.problem
        return pl.concat([pl.read_parquet(path) for path in self.texts])

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [row[:-1] for row in self.frame[[*self.parsed.columns, "_row"]].rows()]

    @property
    def lines(self) -> list[int]:
        return self.frame["_row"].to_list()

    @property
    def refused(self) -> dict[int, str]:
        """Issue codes of the refused rows by their line."""
        return {bad["_row"]: bad["code"] for bad in self.refused_rows}

    @property
    def refused_rows(self) -> list[dict[str, Any]]:
        found = [bad for path in self.parsed.refused.files for bad in pl.read_parquet(path).to_dicts()]
        assert len(found) == self.parsed.refused.rows
        return found

    @property
    def reported(self) -> bool:
        """Whether anything is said about the file: a problem, a notice or a refused row."""
        return bool(self.parsed.problem or self.parsed.notices or self.refused)

    @property
    def reader(self) -> str:
        return str(self.parsed.report["reader"])


Parser = Callable[..., Outcome]


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Parser:
    """``parser(bytes…, format=…)``: each argument is one landed file."""
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    numbers = count()

    def run(*bodies: bytes, format: Any = "csv", name: str = "data.csv", **source: Any) -> Outcome:  # noqa: A002
        identity = f"r{next(numbers)}"
        contract = Contract.model_validate(
            {
                "dataset": "test.data",
                "title": {"zh": "试", "en": "test"},
                "owner": {"department": "test"},
                "source": {"connector": "files", "path": "x", "format": format, **source},
                "fields": {"a": {"element": "test.a"}},
                "write": {"mode": "append"},
            }
        )
        folder = Path(lake.landing("test.data", "2026-03-01", identity))
        folder.mkdir(parents=True)
        for number, body in enumerate(bodies):
            (folder / f"{number:05d}").write_bytes(body)
        landing = tuple(str(path) for path in sorted(folder.iterdir()))
        now = datetime(2026, 3, 1, tzinfo=UTC)
        receipt = Receipt(identity, "run", "test.data", f"in/{name}", name, "received", now, now, landing=landing)
        scratch = Path(lake.url) / "scratch" / identity
        scratch.mkdir(parents=True)
        parsed, texts = parse_texts(receipt, contract, lake, scratch)
        if parsed.problem:
            assert not Path(lake.raw("test.data", identity)).exists()
            assert (parsed.rows, parsed.files) == (0, ())
        return Outcome(parsed, texts)

    return run


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the repository."""
    folder = Path(os.environ.get("CITYLAKE_DATA") or Path(__file__).parents[3] / "../shared/data").resolve()
    if not folder.is_dir():
        pytest.skip(f"there is no real data at {folder}")
    return folder
