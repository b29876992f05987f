"""A bench for the conform pass: rows of text in, staged files out, with a contract given as YAML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import StoredRows
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch, ParsedReceipt, Receipt, Run
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import ALL_PACKS

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Bench:
    """One lake, one registry, and the way from rows to a staged batch."""

    lake: Lake
    registry: Registry

    def contract(self, text: str) -> Contract:
        document: dict[str, Any] = {
            "dataset": "test.rows",
            "title": {"zh": "测试", "en": "test"},
            "owner": {"department": "测试局"},
            "source": {"connector": "files", "path": "x.csv", "format": "csv"},
            "write": {"mode": "append"},
            **read_yaml(self._file(text)),
        }
        return Contract.model_validate(document)

    def _file(self, text: str) -> Path:
        file = Path(self.lake.url).parent / "contract.yaml"
        file.write_text(text)
        return file

    def parsed(self, rows: Sequence[dict[str, str | None]], name: str = "a.csv") -> ParsedReceipt:
        columns = list(rows[0])
        receipt = Receipt(f"r-{name}", "run", "test.rows", name, name, "received", NOW, NOW, sha256=name)
        folder = self.lake.raw("test.rows", receipt.id)
        self.lake.makedirs(folder)
        frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)).with_columns(
            pl.lit(receipt.id).alias("_receipt"),
            pl.lit(name).alias("_source"),
            pl.lit("").alias("_part"),
            pl.int_range(1, pl.len() + 1).alias("_row"),
        )
        frame.write_parquet(f"{folder}/part.parquet")
        return ParsedReceipt(receipt, (f"{folder}/part.parquet",), tuple(columns), len(rows), {})

    def source(self, rows: Sequence[dict[str, str | None]], name: str = "a.csv") -> StoredRows:
        return StoredRows(self.parsed(rows, name), self.lake, Budget())

    def stage(self, contract: str | Contract, *batches: Sequence[dict[str, str | None]]) -> ConformedBatch:
        declared = self.contract(contract) if isinstance(contract, str) else contract
        sources = [self.source(rows, f"{number}.csv") for number, rows in enumerate(batches)]
        return conform_batch(sources, declared, self.registry, self.lake, Run("run", NOW))

    def standard(self, staged: ConformedBatch) -> pl.DataFrame:
        frames = [pl.read_parquet(path, hive_partitioning=False) for path in staged.standard]
        return pl.concat(frames).sort("_receipt", "_row") if frames else pl.DataFrame()

    def quarantine(self, staged: ConformedBatch) -> pl.DataFrame:
        frames = [pl.read_parquet(path) for path in staged.quarantine]
        return pl.concat(frames).sort("_receipt", "_row") if frames else pl.DataFrame()

    def column(self, contract: str, values: Sequence[str | None], symbol: str) -> list[Any]:
        """The standard column made from the field ``v``."""
        return self.standard(self.stage(contract, [{"v": value} for value in values]))[symbol].to_list()

    def reasons(self, staged: ConformedBatch) -> dict[int, list[tuple[str, str | None]]]:
        """Refused rows: row number → (code, field) of every reason."""
        refused = self.quarantine(staged)
        if refused.is_empty():
            return {}
        return {
            row["_row"]: [(reason["code"], reason["field"]) for reason in row["reasons"]]
            for row in refused.iter_rows(named=True)
        }


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load_registry(ALL_PACKS)


@pytest.fixture
def bench(tmp_path: Path, registry: Registry) -> Bench:
    return Bench(Lake(str(tmp_path / "lake")), registry)


Stage = Callable[..., ConformedBatch]
