from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.quality.expectations.expectation_run import run_expectations
from citylake.quality.expectations.suite_result import ExpectationResult
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError
from tests.declared import ALL_PACKS

pytest.importorskip("great_expectations", reason="the extra 'quality' is not installed")


def element(symbol: str, **more: Any) -> DataElement:
    text = {"zh": f"某{symbol}", "en": symbol}
    base = {"name": text, "definition": text, "object_class": "x", "property": "x", "representation": "name"}
    return DataElement.model_validate({"id": f"t.{symbol}", "symbol": symbol, "type": "string"} | base | more)


def registry() -> Registry:
    found = Registry(Workspace(ALL_PACKS))
    for one in (
        element("device_code", pattern="^D[0-9]{2}$"),
        element("observed_at", type="datetime", representation="datetime"),
        element("vehicle_class", codes="t.vehicle_class", representation="code"),
        element("pole_kind", codes="t.pole_kind", representation="code"),
        element("mean_speed_kmh", type="decimal", range=(0, 200), representation="quantity", unit="km/h"),
        element("note"),
    ):
        found.elements[one.id] = one
    values = [{"code": code, "name": {"zh": code, "en": code}} for code in ("K1", "K3")]
    name = {"zh": "车型", "en": "class"}
    own = [{"first": "K90", "last": "K99", "name": name}]
    for fields in ({"id": "t.vehicle_class"}, {"id": "t.pole_kind", "extensible": own}):
        codes = CodeList.model_validate({"name": name, "values": values} | fields)
        found.codes[codes.id] = codes
    return found


def contract() -> Contract:
    symbols = ("device_code", "observed_at", "vehicle_class", "pole_kind", "mean_speed_kmh", "note")
    return Contract.model_validate(
        {
            "dataset": "traffic.detector_flow",
            "title": {"zh": "检测器流量 <b>", "en": "detector flow"},
            "owner": {"department": "市交通运输局"},
            "source": {"connector": "files", "path": "*.csv", "format": "csv"},
            "fields": {symbol: {"element": f"t.{symbol}", "required": symbol == "vehicle_class"} for symbol in symbols},
            "write": {"mode": "upsert", "key": ["device_code", "observed_at"]},
            "expect": {"rows": {"min": 5}, "completeness": {"note": 0.5}, "unique": [["note"]]},
            "rules": [
                {"issue": "SPEED_OF_LIGHT", "when": "mean_speed_kmh > 150", "severity": "warning"},
                {"issue": "NOTE_BRACED", "when": "regexp_full_match(note, '{[0-9]{3}}')"},
            ],
        }
    )


def table(**changed: list[Any]) -> pl.DataFrame:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    columns = {
        "device_code": ["D01", "D02", "D03", "D04"],
        "observed_at": [start + timedelta(hours=hour) for hour in range(4)],
        "vehicle_class": ["K1", "K3", "K3", "K1"],
        "pole_kind": ["K1", "K95", None, "K3"],
        "mean_speed_kmh": [40.0, 0.0, None, 60.5],
        "note": ["a", "b", None, "c"],
    }
    return pl.DataFrame(columns | changed)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def judged(tmp_path: Path, *frames: pl.DataFrame) -> tuple[dict[tuple[str, str], ExpectationResult], Any]:
    files = [str(tmp_path / f"{number}.parquet") for number in range(len(frames))]
    for frame, file in zip(frames, files, strict=True):
        frame.write_parquet(file)
    with duckdb.connect(":memory:judged") as connection:
        validation = run_expectations(contract(), registry(), files, tmp_path / "docs", connection, "judged")
    return {(one.kind, one.subject): one for one in validation.judgements}, validation


@pytest.mark.usefixtures("no_network")
def test_a_good_table_keeps_every_expectation_and_gets_a_site_that_needs_no_network(tmp_path: Path) -> None:
    more = table(device_code=["D05", "D06", "D07", "D08"], note=["d", "e", "f", "g"])
    found, validation = judged(tmp_path, table(), more)
    assert [one for one in found.values() if not one.success] == []
    assert validation.success
    assert validation.statistics["evaluated_expectations"] == len(found)
    pages = list((tmp_path / "docs").rglob("*.html"))
    assert Path(validation.index_html) in pages
    assert len(pages) == 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<script|(?:src|<link[^>]*href)=\"[^\"]*//|url\(", text) == []
        assert "traffic.detector_flow" in text


def test_every_kind_of_fault_is_found_and_named(tmp_path: Path) -> None:
    bad = table(
        device_code=["D01", "D01", "D123", None],
        observed_at=[datetime(2026, 3, 1, tzinfo=UTC)] * 4,
        vehicle_class=["K1", "K9", None, "K1"],
        pole_kind=["K1", "K89", None, "K3"],
        mean_speed_kmh=[-1.0, 199.0, 0.0, 0.0],
        note=["{123}", "{123}", None, None],
    )
    found, validation = judged(tmp_path, bad)
    failed = {(kind.removeprefix("expect_"), subject.split(":")[0]) for (kind, subject), one in found.items()
              if not one.success}  # fmt: skip
    assert failed == {
        ("table_row_count_to_be_between", ""),
        ("compound_columns_to_be_unique", "device_code, observed_at"),
        ("column_values_to_be_unique", "note"),
        ("column_values_to_not_be_null", "device_code"),
        ("column_values_to_not_be_null", "vehicle_class"),
        ("column_values_to_be_in_set", "vehicle_class"),
        ("column_values_to_be_between", "mean_speed_kmh"),
        ("unexpected_rows_expectation", "device_code"),
        ("unexpected_rows_expectation", "pole_kind"),
        ("unexpected_rows_expectation", "SPEED_OF_LIGHT"),
        ("unexpected_rows_expectation", "NOTE_BRACED"),
    }
    assert not validation.success
    assert found["expect_column_values_to_be_in_set", "vehicle_class"].observed == "1 / 4: K9"
    assert "检测器流量 &lt;b&gt;" in Path(validation.index_html).read_text(encoding="utf-8")


def test_a_warning_alone_is_told_and_does_not_fail_the_table(tmp_path: Path) -> None:
    more = table(device_code=["D05", "D06", "D07", "D08"], note=["d", "e", "f", "g"], mean_speed_kmh=[160.0] * 4)
    found, validation = judged(tmp_path, table(), more)
    assert [one.subject.split(":")[0] for one in found.values() if not one.success] == ["SPEED_OF_LIGHT"]
    assert validation.success


def test_a_rule_that_the_engine_cannot_run_says_why(tmp_path: Path) -> None:
    found, validation = judged(tmp_path, table().drop("note"))
    assert not validation.success
    assert "note" in found["expect_column_to_exist", "note"].subject
    assert "note" in next(one for (_, subject), one in found.items() if subject.startswith("NOTE_BRACED")).observed


def test_a_dataset_with_no_rows_yet_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match=r"citylake run --dataset traffic\.detector_flow"):
        run_expectations(contract(), registry(), [], tmp_path, duckdb.connect(), "memory")


def test_an_optional_column_that_never_came_is_not_missed() -> None:
    from citylake.quality.expectations.expectation_suite import build_suite

    optional = contract().model_copy(
        update={
            "fields": {**contract().fields, "note": contract().fields["note"].model_copy(update={"optional": True})}
        }
    )
    present = [name for name in optional.fields if name not in ("note", "pole_kind")]
    exist: list[Any] = [
        each for each in build_suite(optional, registry(), present).expectations if "ToExist" in type(each).__name__
    ]
    assert {each.column for each in exist} == {*present, "pole_kind"}
