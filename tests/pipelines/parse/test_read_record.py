"""The record of a reading: the landed bytes give the same rows again, and each row alone."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows, pack_blocks
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.pipelines.lake.digests.file_digest import digest_bytes
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipts
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import READ_FILE, ReadRecord
from citylake.pipelines.parse.recorded_rows import open_parsed
from citylake.pipelines.read.source_row import find_row_of
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Small(Budget):
    """Blocks of a few lines."""

    size: int = 100

    @property
    def block_bytes(self) -> int:
        return self.size


def contract(form: Any = "csv") -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.data",
            "title": {"zh": "试", "en": "test"},
            "owner": {"department": "test"},
            "source": {"connector": "files", "path": "x", "format": form},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


@dataclass
class Bench:
    lake: Lake
    folder: Path

    def land(self, number: int, body: bytes) -> Receipt:
        path = Path(self.lake.landing("test.data", "2026-03-01", f"r{number}"), "x.csv")
        path.parent.mkdir(parents=True)
        path.write_bytes(body)
        told = digest_bytes(body)
        values: dict[str, Any] = {
            "sha256": told.sha256,
            "size_bytes": told.size_bytes,
            "landing": (str(path),),
        }
        return Receipt(f"r{number}", "run", "test.data", "x.csv", "x.csv", "received", NOW, NOW, **values)

    def open(self, receipts: Sequence[Receipt], budget: Budget, form: Any = "csv") -> list[SourceRows]:
        return open_receipts(receipts, contract(form), self.lake, self.folder, budget)

    def again(self, sources: Sequence[SourceRows], budget: Budget) -> list[SourceRows]:
        return open_parsed([source.store() for source in sources], self.lake, budget, lambda: self.folder)

    def record(self, receipt: Receipt) -> ReadRecord:
        found = RawFile(self.lake, receipt, {}).find_record()
        assert found is not None
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "scratch").mkdir()
    return Bench(Lake(str(tmp_path / "lake")), tmp_path / "scratch")


def rows_of(sources: Sequence[SourceRows], workers: int = 1) -> list[dict[str, Any]]:
    """Every row, read by several threads as conform does."""
    found: dict[int, list[dict[str, Any]]] = {}
    for _ in range(3):
        parts = (part for source in sources for part in source.blocks())
        pool: WorkerPool[Any] = WorkerPool(pack_blocks(parts), workers)

        def work(_: int, number: int, packed: Any, pool: WorkerPool[Any] = pool) -> None:
            block = packed[0].load(packed)
            with pool.turns.wait(number):
                block.row = block.numbers()
            found[number] = pl.DataFrame(block.texts(block.row * 0 + range(block.rows))).to_dicts()

        try:
            pool.run(work)
        except SourceRestartedError:
            found.clear()
            for source in sources:
                source.restart()
        else:
            return [row for number in sorted(found) for row in found[number]]
    raise AssertionError


def source_fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


FIELD = st.sampled_from(["", "a", '"b, c"', '""', '"say ""x"""', "数据", "12.50"])
LINES = st.lists(st.tuples(FIELD, FIELD, st.sampled_from([1, 2, 3, 700, 1001])), min_size=1, max_size=4)


@settings(max_examples=examples(8, 25), deadline=None)
@given(
    tables=st.lists(LINES, min_size=1, max_size=3),
    size=st.sampled_from([1, 100, 3000, 100_000]),
    workers=st.integers(1, 3),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    ended=st.booleans(),
    data=st.data(),
)
def test_the_row_found_is_the_row_conformed(
    tmp_path_factory: pytest.TempPathFactory,
    tables: list[list[tuple[str, str, int]]],
    size: int,
    workers: int,
    line_end: str,
    encoding: str,
    ended: bool,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    bench = Bench(Lake(str(folder / "lake")), folder)
    receipts = []
    for number, table in enumerate(tables):
        lines = ["a,b", *(f"{one}x,{two}" for one, two, times in table for _ in range(times) if not one.endswith('"'))]
        text = line_end.join([*lines, "1,2"]) + line_end * ended
        receipts.append(bench.land(number, text.encode(encoding)))
    budget = Small(memory=10**9, cores=workers, size=size)
    sources = bench.open(receipts, budget, {"type": "csv", "encoding": encoding})
    rows = rows_of(sources, workers)
    assert rows_of(bench.again(sources, Budget(cores=2)), 2) == rows
    assert sum(bench.record(receipt).rows for receipt in receipts) == len(rows)
    for at in data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=4)):
        receipt = next(each for each in receipts if each.id == rows[at]["_receipt"])
        assert find_row_of(bench.lake, receipt, rows[at]["_row"]) == source_fields(rows[at])


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_last_row_is_found_where_the_last_line_has_no_end(tmp_path: Path, line_end: str) -> None:
    bench = Bench(Lake(str(tmp_path / "lake")), tmp_path)
    receipt = bench.land(0, line_end.join(["a,b", "x,y", "1,2"]).encode())
    sources = bench.open([receipt], Budget(cores=1), {"type": "csv", "encoding": "utf-8"})
    rows = rows_of(sources, 1)
    bench.again(sources, Budget(cores=1))
    assert len(rows) == 2
    for row in rows:
        assert find_row_of(bench.lake, receipt, row["_row"]) == source_fields(row)


PLAIN = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number % 7) for number in range(2500))


def zipped(name: str, body: bytes) -> bytes:
    with io.BytesIO() as held:
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, body)
            archive.writestr("other.txt", "x")
        return held.getvalue()


WAYS: dict[str, tuple[bytes, Any]] = {
    "plain": (PLAIN, "csv"),
    "tab": (PLAIN.replace(b",", b"\t"), "csv"),
    "gzip": (gzip.compress(PLAIN), "csv"),
    "gtfs": (zipped("stops.txt", PLAIN), {"type": "gtfs", "table": "stops"}),
    "gtfs in gzip": (gzip.compress(zipped("stops.txt", PLAIN)), {"type": "gtfs", "table": "stops"}),
    "utf-16": (PLAIN.decode().encode("utf-16"), "csv"),
    "bars": (PLAIN.replace(b",", b"||"), {"type": "csv", "delimiter": "||"}),
    "filled": (PLAIN + b"\0" * 100, "csv"),
    "marked": (b"\xef\xbb\xbf" + PLAIN, "csv"),
    "titles": ("表,\n".encode() + PLAIN, {"type": "csv", "title_rows": 1}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_plain_text_is_gone_again(bench: Bench, way: str) -> None:
    body, form = WAYS[way]
    receipt = bench.land(0, body)
    sources = bench.open([receipt], Small(memory=10**9, cores=2, size=4000), form)
    rows = rows_of(sources, 2)
    assert len(rows) == 2500
    assert sources[0].store().files == (f"{bench.lake.raw('test.data', 'r0')}/{READ_FILE}",)
    assert [path.name for path in Path(bench.lake.raw("test.data", "r0")).iterdir()] == [READ_FILE]
    assert rows_of(bench.again(sources, Budget())) == rows
    for row in (rows[0], rows[1000], rows[1001], rows[2499]):
        assert find_row_of(bench.lake, receipt, row["_row"], row["_part"]) == source_fields(row)
    assert find_row_of(bench.lake, receipt, rows[-1]["_row"] + 1) is None
    assert find_row_of(bench.lake, receipt, rows[0]["_row"] - 1) is None


def test_a_row_of_a_text_that_is_read_with_care_is_found_in_its_parquet(bench: Bench) -> None:
    receipt = bench.land(0, b'a,b\n1,"x\ny"\n2,z\n')
    bench.open([receipt], Budget())[0].store()
    assert find_row_of(bench.lake, receipt, 4) == {"a": "2", "b": "z"}
    assert find_row_of(bench.lake, receipt, 3) is None


def test_of_a_large_file_little_is_read_for_one_row(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = bench.land(0, b"a,b\n" + b"some text,1\n" * 100_000)
    bench.open([receipt], Budget())[0].store()
    asked: list[int] = []
    cat = bench.lake.fs.cat_file

    def watched(path: str, start: int | None = None, end: int | None = None) -> bytes:
        found: bytes = cat(path, start, end)
        asked.append(len(found) if not path.endswith(READ_FILE) else 0)
        return found

    monkeypatch.setattr(bench.lake.fs, "cat_file", watched)
    assert find_row_of(bench.lake, receipt, 77_777) == {"a": "some text", "b": "1"}
    assert sum(asked) < 13_000


def test_the_record_is_small_and_says_how_the_bytes_were_read(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    bench.open([receipt], Budget())[0].store()
    found = bench.record(receipt)
    assert (found.encoding, found.delimiter, found.quote, found.line_end) == ("utf-8", ",", '"', "\n")
    assert (found.columns, found.first_line, found.offset, found.rows) == (("a", "b"), 2, 4, 2500)
    assert (found.sha256, found.size_bytes, found.size) == (receipt.sha256, len(PLAIN), len(PLAIN))
    assert found.report["reader"] == "blocks"
    assert ReadRecord.from_json(found.to_json()) == found
    assert len(found.to_json()) < 1200


def test_an_equal_reading_leaves_the_record_as_it_is(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    bench.open([receipt], Budget())[0].store()
    path = Path(bench.lake.raw("test.data", "r0"), READ_FILE)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    bench.open([receipt], Small(memory=10**9, cores=2, size=500))[0].store()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_text_of_an_older_reading_is_replaced_by_the_record(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    folder = Path(bench.lake.raw("test.data", "r0"))
    folder.mkdir(parents=True)
    (folder / "part-00000.parquet").write_bytes(b"older")
    bench.open([receipt], Budget())[0].store()
    assert [path.name for path in folder.iterdir()] == [READ_FILE]


CHANGES = {
    "a digit": PLAIN.replace(b"1234,", b"1235,"),
    "a row less": PLAIN[: PLAIN.rindex(b"\n", 0, -1) + 1],
    "a row more": PLAIN + b"1,2\n",
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_bytes_are_not_read_again(bench: Bench, change: str) -> None:
    receipt = bench.land(0, PLAIN)
    sources = bench.open([receipt], Budget())
    (again,) = bench.again(sources, Budget())
    Path(receipt.landing[0]).write_bytes(CHANGES[change])
    with pytest.raises(CitylakeError) as fault:
        rows_of([again])
    assert fault.value.code == "LANDING_CHANGED"
    assert all(str(value) in str(fault.value) for value in (receipt.id, digest_bytes(PLAIN).short))


def test_other_rows_than_recorded_stop_the_reading_and_both_numbers_are_told(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    sources = bench.open([receipt], Budget())
    (again,) = bench.again(sources, Small(memory=10**9, cores=2, size=900))
    RawFile(bench.lake, receipt, {}).write_record(replace(bench.record(receipt), rows=2499))
    with pytest.raises(CitylakeError) as fault:
        rows_of([again], 2)
    assert (fault.value.code, fault.value.values["recorded"], fault.value.values["found"]) == (
        "READING_DIFFERS", 2499, 2500,
    )  # fmt: skip


def test_a_file_that_is_not_plain_any_more_stops_the_reading(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    sources = bench.open([receipt], Budget())
    (again,) = bench.again(sources, Budget())
    RawFile(bench.lake, receipt, {}).write_record(replace(bench.record(receipt), columns=("a", "b", "c")))
    with pytest.raises(CitylakeError) as fault:
        rows_of([again])
    assert fault.value.code == "READING_DIFFERS"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1, "stretches": []}'])
def test_a_broken_record_is_named_with_what_to_do(bench: Bench, content: bytes) -> None:
    receipt = bench.land(0, PLAIN)
    bench.open([receipt], Budget())[0].store()
    Path(bench.lake.raw("test.data", "r0"), READ_FILE).write_bytes(content)
    with pytest.raises(CitylakeError, match=r"citylake replay test\.data --damaged") as fault:
        bench.record(receipt)
    assert fault.value.code == "READ_RECORD_BROKEN"


def test_small_files_in_one_block_have_a_record_each(bench: Bench) -> None:
    receipts = [bench.land(number, b"a,b\n" + b"1,2\n" * (number + 1)) for number in range(5)]
    sources = bench.open(receipts, Budget())
    assert len(list(pack_blocks(part for source in sources for part in source.blocks()))) == 1
    rows = rows_of(sources)
    assert [source.store().rows for source in sources] == [1, 2, 3, 4, 5]
    assert rows_of(bench.again(sources, Budget())) == rows


def test_rows_to_reshape_are_written_to_scratch_and_not_to_the_raw_zone(bench: Bench) -> None:
    receipt = bench.land(0, PLAIN)
    numbers = count()
    for budget in (Budget(), Small(memory=10**9, cores=2, size=5000)):
        (source,) = sources = bench.open([receipt], budget)
        for each in (source, *bench.again(sources, budget)):
            files = each.text_files(bench.folder / f"texts-{next(numbers)}")
            assert all(path.startswith(str(bench.folder)) for path in files)
            assert pl.concat([pl.read_parquet(path) for path in files]).to_dicts() == rows_of(sources)
    assert [path.name for path in Path(bench.lake.raw("test.data", "r0")).iterdir()] == [READ_FILE]
