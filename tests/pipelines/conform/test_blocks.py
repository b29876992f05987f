"""However rows are cut into blocks, and whichever way they come, the outcome is that of one plan over all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, bind_columns
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import BAD_COLUMN, ConformVocabulary, plan_conform
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.conform.rows import standard_writer
from citylake.pipelines.conform.rows.evaluate_block import BlockEvaluator
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipts, parse_receipt, parse_texts
from citylake.pipelines.parse.plain_rows import PlainRows
from citylake.pipelines.parse.recorded_rows import open_parsed
from citylake.pipelines.records import ConformedBatch, Receipt, Run
from citylake.schemas.model.contract import Contract, WriteSettings
from citylake.schemas.read.registry import Registry
from tests.thorough import examples

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTRACT = """
dataset: test.rows
title: {zh: 测试, en: test}
owner: {department: 测试局}
source: {connector: files, path: x.csv, format: csv}
fields:
  时间: {element: time.observed_at, format: "%Y-%m-%d %H:%M:%S"}
  设备: {element: traffic.device_code}
  速度: {element: traffic.mean_speed, unit: {from: 单位, names: {km/h: km/h, m/s: m/s}}}
  流量: {element: traffic.flow, required: true}
  经度: {element: place.longitude, frame: GCJ-02, pair: 纬度}
  纬度: {element: place.latitude, frame: GCJ-02, pair: 经度}
rules:
  - {issue: FLOW_WITHOUT_SPEED, when: "flow_veh > 0 AND mean_speed_kmh IS NULL", severity: warning}
  - {issue: OUTSIDE_BOX, when: "flow_veh > 90 AND mean_speed_kmh > 90"}
write: {mode: upsert, key: [device_code, observed_at], partition: day(observed_at)}
"""
FIELDS = ("时间", "设备", "速度", "单位", "流量", "经度", "纬度")
ROW = st.tuples(
    st.sampled_from(["2026-03-01 08:00:00", "2026-03-01 09:00:00", "2026-03-02 00:00:00", "昨天", ""]),
    st.sampled_from(["JT0000000001", "JT0000000002", " JT0000000001 ", "", "x" * 99]),
    st.sampled_from(["36", "95", "10.5", "", "abc", "-9"]),
    st.sampled_from(["km/h", "m/s", "英里", ""]),
    st.sampled_from(["1", "95", "12.0", "12.5", "", "-3"]),
    st.sampled_from(["120.1", "120.2", "", "东"]),
    st.sampled_from(["30.1", "30.2", ""]),
)
FILES = st.lists(st.lists(ROW, min_size=1, max_size=30), min_size=1, max_size=3)


@dataclass(frozen=True)
class Tiny(Budget):
    """Blocks of a few rows, and as little as possible that may wait."""

    size: int = 1
    held: int = 1

    @property
    def block_bytes(self) -> int:
        return self.size

    @property
    def block_rows(self) -> int:
        return self.size // 40 + 1

    @property
    def held_rows(self) -> int:
        return self.held

    @property
    def key_bytes(self) -> int:
        return 64


class Ground:
    """Declarations, with a name that is short where a failing example is shown."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self.registry, self.contract = registry, contract


@pytest.fixture(scope="module")
def ground(registry: Registry, contract: Contract) -> Ground:
    return Ground(registry, contract)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    from citylake.schemas.base.yaml_reader import read_yaml

    path = tmp_path_factory.mktemp("contract") / "contract.yaml"
    path.write_text(CONTRACT)
    return Contract.model_validate(read_yaml(path))


def landed(folder: Path, tables: Sequence[Sequence[tuple[str, ...]]]) -> list[Receipt]:
    receipts = []
    for number, rows in enumerate(tables):
        path = folder / f"{number}.csv"
        path.write_text("\n".join(map(",".join, (FIELDS, *rows))) + "\n")
        body, name = path.read_bytes(), path.name
        known = Receipt(f"r{number}", "run", "test.rows", name, name, "received", NOW, NOW, landing=(str(path),))
        receipts.append(replace(known, sha256=sha256(body).hexdigest(), size_bytes=len(body)))
    return receipts


def outcome(staged: ConformedBatch) -> dict[str, Any]:
    """What was made of the rows, without where it lies."""
    place = ("_receipt", "_row")
    good = [pl.read_parquet(path, hive_partitioning=False) for path in staged.standard]
    bad = [pl.read_parquet(path) for path in staged.quarantine]
    twice = [pl.read_parquet(path) for path in staged.duplicates]
    return {
        "standard": pl.concat(good).drop("_batch").sort(place).rows() if good else [],
        "days": sorted(
            {path.rpartition("/")[0].rpartition("_day=")[2][:10] for path in staged.standard if "_day=" in path}
        ),
        "quarantine": sorted(
            (row["_receipt"], row["_row"], row["raw"], row["key"], row["codes"], str(row["reasons"]))
            for row in (pl.concat(bad).iter_rows(named=True) if bad else ())
        ),
        "duplicates": pl.concat(twice).drop("_batch").sort(place).rows() if twice else [],
        "issues": dict(staged.issues),
        "counts": staged.counts,
    }


def staged(
    lake: Lake, registry: Registry, contract: Contract, receipts: list[Receipt], budget: Budget, *, direct: bool
) -> ConformedBatch:
    scratch = Path(lake.url).parent / "scratch"
    scratch.mkdir(exist_ok=True)
    if not direct:
        stored = [parse_receipt(receipt, contract, lake, budget) for receipt in receipts]
        again = open_parsed(stored, lake, budget, lambda: scratch)
        return conform_batch(again, contract, registry, lake, Run("run", NOW), budget=budget)
    sources = open_receipts(receipts, contract, lake, scratch, budget)
    done = conform_batch(sources, contract, registry, lake, Run("run", NOW), budget=budget)
    plain = [source for source in sources if isinstance(source, PlainRows) and source.file.complete]
    assert len(plain) == len(sources), "everything was read by blocks, in one pass"
    assert sum(source.store().rows for source in sources) == done.counts.rows_in
    return done


@settings(max_examples=examples(5, 20), deadline=None)
@given(
    tables=FILES,
    size=st.sampled_from([1, 60, 200, 100_000]),
    held=st.sampled_from([1, 3, 1000]),
    cores=st.integers(1, 3),
    group=st.sampled_from([1, 4, 100_000]),
)
def test_blocks_and_ways_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    ground: Ground,
    tables: list[list[tuple[str, ...]]],
    size: int,
    held: int,
    cores: int,
    group: int,
) -> None:
    folder, registry, contract = tmp_path_factory.mktemp("blocks"), ground.registry, ground.contract
    receipts = landed(folder, tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standard_writer, "GROUP_ROWS", group)
        patch.setattr(standard_writer, "FILE_ROWS", group * 2)
        patch.setattr(standard_writer, "OPEN_FILES", group)
        tiny = Tiny(memory=10**9, cores=cores, size=size, held=held)
        straight = outcome(
            staged(Lake(str(folder / "a")), registry, contract, receipts, tiny, direct=not _blank(tables))
        )
        stored = outcome(staged(Lake(str(folder / "b")), registry, contract, receipts, tiny, direct=False))
    assert straight == stored
    assert straight == expected(Lake(str(folder / "c")), registry, contract, receipts)


def _blank(tables: list[list[tuple[str, ...]]]) -> bool:
    """A row without any value could be a blank line, which is read with care."""
    return any(not any(row) for rows in tables for row in rows)


def expected(lake: Lake, registry: Registry, contract: Contract, receipts: list[Receipt]) -> dict[str, Any]:
    """One plan over all rows, and a loop for the keys."""
    scratch = Path(lake.url).parent / "scratch"
    scratch.mkdir(exist_ok=True)
    parsed = [parse_texts(receipt, contract, lake, scratch) for receipt in receipts]
    raw = pl.concat([pl.read_parquet(path) for _, texts in parsed for path in texts])
    frame = raw.rename({name: RAW_PREFIX + name for name in FIELDS}).with_row_index("_index")
    bounds = bind_columns(contract, registry)
    words = ConformVocabulary(registry, CodeMatcher(registry, lake), {bound.column: bound for bound in bounds})
    plan = plan_conform(frame.lazy(), contract, bounds, words)
    worked = plan.frame.collect()
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept, twice, refused = [], [], set()
    for row in worked.sort("_index").iter_rows(named=True):
        place = (row["_receipt"], row["_row"])
        key = (row["_receipt"], row["device_code"], row["observed_at"])
        if row[BAD_COLUMN]:
            refused.add(place)
        elif key not in first:
            first[key] = row
            kept.append((*(row[name] for name in plan.columns), *place, row["_source"], row["_warnings"]))
        elif all(row[name] == first[key][name] for name in plan.columns):
            twice.append((*place, first[key]["_receipt"], first[key]["_row"]))
        else:
            refused.add(place)
    stored = open_parsed([item for item, _ in parsed], lake, Budget(), lambda: scratch)
    done = outcome(conform_batch(stored, contract, registry, lake, Run("run", NOW)))
    assert [(receipt, row) for receipt, row, *_ in done["quarantine"]] == sorted(refused)
    assert done["standard"] == sorted(kept, key=lambda row: (row[-4], row[-3]))
    assert [(row[1], row[2], row[3], row[4]) for row in done["duplicates"]] == sorted(twice)
    return done


def test_a_file_in_gb18030_is_read_by_blocks_with_the_same_outcome(
    tmp_path: Path, registry: Registry, contract: Contract
) -> None:
    rows = [("2026-03-01 08:00:00", f"JT000000000{n}", "36", "km/h", "1", "120.1", "30.1") for n in range(9)]
    (receipt,) = landed(tmp_path, [rows])
    plain = outcome(staged(Lake(str(tmp_path / "a")), registry, contract, [receipt], Budget(), direct=True))
    path = Path(receipt.landing[0])
    path.write_bytes(path.read_text().encode("gb18030"))
    coded = contract.model_copy(
        update={"source": contract.source.model_copy(update={"format": _csv("gb18030")})},
    )
    assert outcome(staged(Lake(str(tmp_path / "b")), registry, coded, [receipt], Budget(), direct=True)) == plain


def _csv(encoding: str) -> Any:
    from citylake.schemas.model.formats import CsvFormat

    return CsvFormat(encoding=encoding)


def test_nothing_stays_where_a_pass_breaks_off(
    tmp_path: Path, registry: Registry, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = landed(tmp_path, [[("2026-03-01 08:00:00", "JT0000000001", "36", "km/h", "1", "120.1", "30.1")] * 9])
    lake = Lake(str(tmp_path / "lake"))

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("citylake.pipelines.conform.rows.key_duplicates.DuplicateResolver.settle", broken)
    with pytest.raises(OSError, match="disk is full"):
        staged(lake, registry, contract, receipts, Tiny(memory=10**9, cores=2, size=1), direct=True)
    assert not list(Path(lake.url, "standard").rglob("*.parquet"))
    assert not list(Path(lake.url, "quarantine").rglob("*.parquet"))


@pytest.mark.parametrize("write", ["upsert", "append"])
def test_a_row_that_was_suspected_without_a_reason_is_kept(
    tmp_path: Path, registry: Registry, contract: Contract, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    own = contract if write == "upsert" else contract.model_copy(update={"write": WriteSettings(mode="append")})
    rows = [(f"2026-03-01 0{n % 9}:00:00", "JT0000000001", "36", "km/h", "1", "120.1", "30.1") for n in range(12)]
    receipts = landed(tmp_path, [[*rows, ("昨天", *rows[0][1:])]])
    tiny = Tiny(memory=10**9, cores=2, size=300, held=3)
    straight = outcome(staged(Lake(str(tmp_path / "a")), registry, own, receipts, tiny, direct=True))
    assert straight["counts"].standard == (9 if write == "upsert" else 12)
    over_rows = BlockEvaluator._over_rows

    def suspicious(judge: BlockEvaluator, judged: Any) -> None:
        over_rows(judge, judged)
        judged.bad[::2] = True

    monkeypatch.setattr(BlockEvaluator, "_over_rows", suspicious)
    again = outcome(staged(Lake(str(tmp_path / "b")), registry, own, receipts, tiny, direct=True))
    for part in ("counts", "quarantine", "days", "issues"):
        assert again[part] == straight[part]
    assert len(again["standard"]) == len(straight["standard"])


def test_a_refused_rows_text_is_kept_as_it_came(tmp_path: Path, registry: Registry, contract: Contract) -> None:
    receipts = landed(tmp_path, [[("昨天", "JT0000000001", "36", "km/h", "1", "120.1", "30.1")]])
    done = outcome(staged(Lake(str(tmp_path / "lake")), registry, contract, receipts, Budget(), direct=True))
    assert json.loads(done["quarantine"][0][2])["时间"] == "昨天"


def test_a_budget_of_little_memory_has_small_blocks_and_one_worker() -> None:
    small, large = Budget(memory=200_000_000, cores=8), Budget(memory=4_000_000_000, cores=8)
    assert (small.workers, large.workers) == (2, 8)
    assert small.block_bytes < large.block_bytes <= 32 << 20
    assert replace(small, memory=100_000_000).workers == 1
