"""Rows that were exported are read back equal by the libraries of each format: types, nulls, times with their zone."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import csvw  # type: ignore[import-untyped]
import frictionless
import polars as pl
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.exchange.csvw_metadata import write_csvw
from citylake.pipelines.exchange.exported_files import ExportFolder
from citylake.pipelines.exchange.frictionless_package import write_package
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.parquet_files import write_parquet_files
from citylake.pipelines.exchange.staged_data import staged_dataset, staged_mart
from tests.pipelines.exchange.conftest import ExchangeCity
from tests.pipelines.exchange.random_tables import RandomTable, random_tables
from tests.thorough import examples

ZONES = ("Asia/Shanghai", "America/Chicago", "UTC")


def _same(found: Any, expected: Any) -> bool:
    """Whether a value was read back: numbers as numbers, a day also as its midnight, moments at any offset."""
    if found is None or expected is None:
        return found is expected
    if isinstance(found, datetime) and isinstance(expected, date) and not isinstance(expected, datetime):
        return found == datetime(expected.year, expected.month, expected.day)
    if isinstance(found, datetime) and isinstance(expected, time):
        # The library adds today's date.
        return found.time() == expected
    if isinstance(expected, float) and not isinstance(found, float):
        return math.isclose(float(found), expected, rel_tol=0) or float(found) == expected
    if isinstance(expected, Decimal):
        return Decimal(str(found)) == expected
    return bool(found == expected)


def _differences(found: list[dict[str, Any]], table: RandomTable) -> list[Any]:
    expected = table.rows()
    assert len(found) == len(expected)
    pairs = zip(found, expected, strict=True)
    return [(a[name], b[name]) for a, b in pairs for name in b if not _same(a[name], b[name])]


def _rows_of(package: Path) -> list[dict[str, Any]]:
    """The rows of the first table, by the library of the format."""
    table: Any = frictionless.Package(str(package)).resources[0]
    return [dict(row) for row in table.read_rows()]


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(deadline=None, max_examples=examples(8, 25))
@given(table=random_tables(), zone=st.sampled_from(ZONES))
def test_frictionless_reads_the_same_rows(table: RandomTable, zone: str) -> None:
    with _folder() as root:
        package = write_package([table.stage(root)], ExportFolder(root / "out"), "r.table", zone, Iris())
        # A row of nulls alone is a row; the library calls it blank.
        report = frictionless.validate(str(package), skip_errors=["blank-row"])
        assert report.valid, report.flatten(["type", "message"])
        found = _rows_of(package)
    assert _differences(found, table) == []


@settings(deadline=None, max_examples=examples(8, 25))
@given(table=random_tables(), zone=st.sampled_from(ZONES))
def test_csvw_reads_the_same_rows(table: RandomTable, zone: str) -> None:
    with _folder() as root:
        write_csvw([table.stage(root)], ExportFolder(root / "out"), zone, Iris())
        read = csvw.CSVW(str(root / "out/r.table.csv"), validate=True)
        assert read.is_valid, [str(each.message) for each in read.warnings]
        found = [dict(row) for row in read.tables[0]]
    assert _differences(found, table) == []


@settings(deadline=None, max_examples=examples(4, 10))
@given(table=random_tables())
def test_parquet_has_the_same_rows_and_its_checksum(table: RandomTable) -> None:
    with _folder() as root:
        write_parquet_files([table.stage(root)], ExportFolder(root), Iris())
        file = root / "r.table.parquet"
        assert pl.read_parquet(file).equals(table.frame)
        assert (
            root / "SHA256SUMS"
        ).read_text() == f"{hashlib.sha256(file.read_bytes()).hexdigest()}  r.table.parquet\n"


def test_a_package_describes_a_dataset_and_is_valid(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    contract = exchange_city.registry.contracts["air.readings"]
    with staged_dataset(exchange_city.request(), contract) as staged:
        file = write_package(
            staged, ExportFolder(tmp_path), contract.dataset, "Asia/Shanghai", Iris("https://d.example/")
        )
        rows = pl.read_parquet(staged[0].file).to_dicts()
    assert frictionless.validate(str(file)).valid
    resource = json.loads(file.read_text(encoding="utf-8"))["resources"][0]
    pm25 = next(each for each in resource["schema"]["fields"] if each["name"] == "pm25_ugm3")
    assert pm25 == {
        "name": "pm25_ugm3",
        "type": "number",
        "title": "细颗粒物浓度",
        "description": "空气中细颗粒物的质量浓度。\nMass concentration of fine particles in the air.",
        "rdfType": "https://d.example/element/air.pm25",
        "citylake:element": "air.pm25",
        "citylake:type": "decimal",
        "citylake:unit": "ug/m3",
    }
    assert resource["schema"]["primaryKey"] == ["station_code", "hour_start"]
    read = _rows_of(file)
    assert [{**row, "pm25_ugm3": float(row["pm25_ugm3"])} for row in read] == rows
    lines = (tmp_path / "air.readings.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "S1,2026-03-01T08:00:00+08:00,12.5"


def test_a_changed_file_of_a_package_is_noticed(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    with staged_mart(exchange_city.request(), exchange_city.registry.marts["air"]) as staged:
        package = write_package(staged, ExportFolder(tmp_path), "air", "Asia/Shanghai", Iris())
    assert frictionless.validate(str(package)).valid
    file = tmp_path / "air.station_day.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("16.5", "16.6"), encoding="utf-8")
    assert not frictionless.validate(str(package)).valid


def test_fields_of_parquet_name_their_elements_and_units(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    with staged_mart(exchange_city.request(), exchange_city.registry.marts["air"]) as staged:
        write_parquet_files(staged, ExportFolder(tmp_path), Iris())
    schema = pq.read_schema(tmp_path / "air.station_day.parquet")
    told = {
        each.name: {key.decode(): value.decode() for key, value in (each.metadata or {}).items()} for each in schema
    }
    assert told["pm25_ugm3"]["citylake:element"] == "air.pm25"
    assert told["pm25_ugm3"]["unit"] == "ug/m3"
    assert told["pm25_ugm3"]["definition:zh"] == "空气中细颗粒物的质量浓度。"
    assert told["readings"]["title:en"] == "number of readings"
    assert schema.metadata[b"citylake:key"] == b"station_code,day"


def test_references_between_tables_are_stated_if_every_row_keeps_them(
    exchange_city: ExchangeCity, tmp_path: Path
) -> None:
    registry = exchange_city.registry
    words = {"columns": ("station_code",), "dataset": "police.posts", "keys": ("station_code",)}
    reading = registry.contracts["air.readings"]
    reference = type(reading).model_fields["references"].annotation.__args__[0](**words)  # type: ignore[union-attr]
    pointing = reading.model_copy(update={"references": (reference,)})
    posts = registry.contracts["police.posts"].model_copy(update={"sharing": None})
    with (
        staged_dataset(exchange_city.request(), pointing) as readings,
        staged_dataset(exchange_city.request(), posts) as keyed,
    ):
        for rows, stated in ((["S1", "S2"], True), (["S1"], False)):
            pl.DataFrame({"station_code": rows}).write_parquet(keyed[0].file)
            folder = tmp_path / str(stated)
            package = write_package([*readings, *keyed], ExportFolder(folder), "lake", "UTC", Iris())
            assert ("foreignKeys" in package.read_text(encoding="utf-8")) == stated
            assert frictionless.validate(str(package)).valid
            write_csvw([*readings, *keyed], ExportFolder(folder), "UTC", Iris())
            group = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
            assert ("foreignKeys" in group["tables"][0]["tableSchema"]) == stated
