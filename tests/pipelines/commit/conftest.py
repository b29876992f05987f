from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.commit.commit_batch import commit_staged_batch
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import CommitResult, ConformedBatch, RowCounts
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from tests.declared import ALL_PACKS

DATASET = "test.readings"
PROVENANCE = {
    "_batch": pl.String,
    "_receipt": pl.String,
    "_row": pl.Int64,
    "_source": pl.String,
    "_warnings": pl.String,
}
QUARANTINE = pl.Schema(
    {
        "_batch": pl.String(),
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        "_source": pl.String(),
        "raw": pl.String(),
        "key": pl.String(),
        "codes": pl.List(pl.String),
        "reasons": pl.List(pl.Struct({"code": pl.String, "field": pl.String, "value": pl.String, "detail": pl.String})),
        "state": pl.String(),
        "quarantined_at": pl.Datetime("us", "UTC"),
    }
)
TYPES: Mapping[str, Any] = {
    "observed_at": pl.Datetime("us", "UTC"),
    "station": pl.String,
    "pm25_ugm3": pl.Float64,
    "revised_on": pl.Date,
    "seen_on": pl.Date,
    "name": pl.String,
    "floors": pl.Int64,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
}

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Standard rows by receipt."""


class City:
    """A lake, and batches staged into it as conform leaves them."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.registry = Registry(Workspace(ALL_PACKS))
        self._staged = 0

    def contract(self, **write: Any) -> Contract:
        return Contract.model_validate(
            {
                "dataset": DATASET,
                "title": {"zh": "读数", "en": "readings"},
                "owner": {"department": "test"},
                "source": {"connector": "files", "path": "*.csv", "format": {"type": "csv"}},
                "fields": {"a": {"element": "test.a"}},
                "write": write,
            }
        )

    def commit(self, contract: Contract, staged: ConformedBatch) -> CommitResult:
        return commit_staged_batch(contract, self.registry, staged, self.lake)

    def stage(
        self,
        rows: Rows,
        *,
        columns: Sequence[str],
        day_of: str | None = None,
        fingerprint: str = "1",
        quarantined: Mapping[str, int] | None = None,
        dropped: int = 0,
        refused: Mapping[str, Sequence[str]] | None = None,
        sources: Mapping[str, str] | None = None,
        types: Mapping[str, Any] = TYPES,
        arrivals: Mapping[str, str] | None = None,
    ) -> ConformedBatch:
        refused = refused or {name: ["{}"] * count for name, count in (quarantined or {}).items()}
        receipts = tuple(sorted({*rows, *refused}))
        self._staged += 1
        batch = hashlib.sha256(repr((receipts, fingerprint)).encode()).hexdigest()[:16]
        frame = pl.DataFrame(
            [
                {**row, "_batch": batch, "_receipt": name, "_row": n, "_source": (sources or {}).get(name, name)}
                for name in rows
                for n, row in enumerate(rows[name], 1)
            ],
            schema={**{name: types[name] for name in columns}, **PROVENANCE},
        )
        return ConformedBatch(
            batch=batch,
            run="run",
            dataset=DATASET,
            receipts=receipts,
            standard=tuple(self._files(frame, batch, day_of)),
            quarantine=self._quarantine(batch, refused),
            duplicates=self._duplicates(batch, receipts, dropped),
            counts=RowCounts(
                frame.height + sum(map(len, refused.values())) + dropped,
                frame.height,
                sum(map(len, refused.values())),
                dropped,
            ),
            issues={},
            days=tuple(sorted({row[day_of].date() for row in frame.to_dicts()})) if day_of else (),
            fingerprint=fingerprint,
            arrivals=arrivals or {},
        )

    def _files(self, frame: pl.DataFrame, batch: str, day_of: str | None) -> Iterable[str]:
        root = self.lake.standard(DATASET)
        if day_of is None:
            if frame.height:
                yield self._write(frame, root, batch)
            return
        dated = frame.with_columns(_day=pl.col(day_of).dt.date())
        for (day,), part in sorted(dated.partition_by("_day", as_dict=True, include_key=False).items()):
            yield self._write(part, f"{root}/_day={day}", batch)

    def _quarantine(self, batch: str, refused: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """One refused row for each of a receipt's ``refused`` keys."""
        if not refused:
            return ()
        why = {"codes": ["VALUE_UNREADABLE"], "reasons": [], "state": "open"}
        now = datetime.now(UTC)
        record = {"_batch": batch, "_part": "", "raw": "{}", **why}
        rows = [
            {**record, "_receipt": receipt, "_row": 1000 + n, "_source": receipt, "key": key, "quarantined_at": now}
            for receipt, keys in refused.items()
            for n, key in enumerate(keys)
        ]
        return (self._write(pl.DataFrame(rows, schema=QUARANTINE), self.lake.quarantine(DATASET), batch),)

    def _duplicates(self, batch: str, receipts: Sequence[str], count: int) -> tuple[str, ...]:
        if not count:
            return ()
        survivor = {"survivor_receipt": receipts[0], "survivor_row": 1, "kind": "exact"}
        rows = pl.DataFrame(
            [{"_batch": batch, "_receipt": receipts[0], "_row": 2000 + n, **survivor} for n in range(count)]
        )
        return (self._write(rows, self.lake.ledger("duplicates"), batch),)

    def _write(self, frame: pl.DataFrame, folder: str, batch: str) -> str:
        self.lake.makedirs(folder)
        # As conform names them: a batch that is staged once more has files of its own.
        path = f"{folder}/{batch}-{self._staged}-0.parquet"
        frame.write_parquet(path)
        return path

    def standard(self) -> pl.DataFrame:
        return pl.read_delta(self.lake.standard(DATASET))

    def quarantine(self) -> pl.DataFrame:
        return pl.read_delta(self.lake.quarantine(DATASET))

    def duplicates(self) -> pl.DataFrame:
        return pl.read_delta(self.lake.ledger("duplicates"))


@pytest.fixture(scope="session")
def new_city(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], City]:
    return lambda: City(Lake(str(tmp_path_factory.mktemp("lake"))))


@pytest.fixture
def city(new_city: Callable[[], City]) -> City:
    return new_city()
