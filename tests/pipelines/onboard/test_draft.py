"""A drafted contract is one that lint takes and a run can use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions
from citylake.pipelines.onboard.source_sample import SourceSample, sample_source
from citylake.schemas.read.registry import Registry
from tests.drafted import draft_contract
from tests.pipelines.parse.geo_samples import SQUARE, shapefile, write_gdal, zipped

TABLE = "站点编号,observed_at,PM2.5,所属区,备注\n" + "".join(
    f"99010{n % 3}01A,2026-03-0{n + 1} 08:05:00,{30 + n},{district},x\n"
    for n, district in enumerate(("东湖区", "南浦区", "西苑区", "东湖区"))
)


@pytest.fixture
def drafted(tmp_path: Path, registry: Registry) -> str:
    (tmp_path / "air.csv").write_text(TABLE, encoding="utf-8")
    source = {"connector": "files", "path": str(tmp_path / "air.csv"), "format": "csv"}
    return draft_contract("air.hourly", source, sample_source(source, {}), registry)


def test_fields_are_bound_where_name_and_values_agree(drafted: str) -> None:
    contract = yaml.safe_load(drafted)
    assert contract["fields"]["PM2.5"] == {"element": "air.pm25"}
    assert contract["fields"]["observed_at"]["format"] == "%Y-%m-%d %H:%M:%S"
    assert contract["fields"]["所属区"] == {"element": "place.region_code"}
    assert "备注" in contract["ignore"]


def test_a_draft_declares_the_encoding_that_was_found(tmp_path: Path, registry: Registry) -> None:
    for encoding, declared in (("gb18030", {"type": "csv", "encoding": "gb18030"}), ("utf-8", "csv")):
        (tmp_path / "air.csv").write_text(TABLE, encoding=encoding)
        source = {"connector": "files", "path": str(tmp_path / "air.csv"), "format": "csv", "locale": "zh-CN"}
        draft = yaml.safe_load(draft_contract("air.hourly", source, sample_source(source, {}), registry))
        assert draft["source"]["format"] == declared


def test_the_time_zone_of_the_workspace_decides_between_two_encodings(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "x.csv").write_text("code,nom,remarque\n1,Élysées,à vérifier\n2,Hôtel,arrêté\n", encoding="cp1252")
    source = {"connector": "files", "path": str(tmp_path / "x.csv"), "format": "csv"}
    found = {}
    for zone in ("Europe/Paris", "Europe/Moscow"):
        drafted = draft_contract("city.x", source, sample_source(source, {}, zone), registry)
        found[zone] = yaml.safe_load(drafted)["source"]["format"]["encoding"]
    assert found == {"Europe/Paris": "cp1252", "Europe/Moscow": "cp1251"}


def test_a_name_whose_values_do_not_fit_is_not_bound(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "x.csv").write_text("PM2.5,b\nhigh,1\nlow,2\n", encoding="utf-8")
    source = {"connector": "files", "path": str(tmp_path / "x.csv"), "format": "csv"}
    assert "PM2.5" in yaml.safe_load(draft_contract("air.x", source, sample_source(source, {}), registry))["ignore"]


def test_what_a_person_has_to_decide_is_said_in_the_language_of_the_command(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "air.csv").write_text(TABLE.replace("备注", "rmk"), encoding="utf-8")
    source = {"connector": "files", "path": str(tmp_path / "air.csv"), "format": "csv"}
    found, drafts = sample_source(source, {}), []
    for language, todo in (("zh", "TODO：数据集名称"), ("en", "TODO: the name of the dataset")):
        monkeypatch.setenv("CITYLAKE_LANG", language)
        drafts.append(draft_contract("air.hourly", source, found, registry))
        assert todo in drafts[-1]
    assert yaml.safe_load(drafts[0]) == yaml.safe_load(drafts[1])
    assert not re.search(
        r"[A-Za-z]{3,} [a-z]{2,}", re.sub(r"(TODO|perhaps|citylake elements new .*)", "", _comments(drafts[0]))
    )


def _comments(text: str) -> str:
    return "\n".join(line.partition("  # ")[2] for line in text.splitlines())


@pytest.mark.parametrize("kind", ["quantity", "description"])
def test_what_is_measured_or_told_is_no_key(registry: Registry, kind: str) -> None:
    element = next(each for each in registry.elements.values() if each.representation == kind)
    found = SourceSample((element.symbol,), pl.DataFrame({element.symbol: ["1", "2", "3"]}))
    decisions = OnboardDecisions({element.symbol: element.id})
    source = {"connector": "files", "path": "x", "format": "csv"}
    drafted = yaml.safe_load(draft_contract("air.x", source, found, registry, decisions))
    assert (list(drafted["fields"]), drafted["write"]) == ([element.symbol], {"mode": "append"})


def test_a_draft_runs_from_the_source_to_the_table(drafted: str, trial: Any) -> None:
    trial.declare("datasets/air", drafted)
    outcome = trial.run()
    assert outcome.exit_code == 0
    assert trial.standard("air.hourly").height == 4


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp", "zip"])
def test_a_draft_binds_the_geometry(tmp_path: Path, registry: Registry, kind: str) -> None:
    path = tmp_path / f"areas.{kind}"
    if kind in ("shp", "zip"):
        parts = shapefile(tmp_path, {"CODE": ["A1", "A2"]})
        path.write_bytes(zipped(parts) if kind == "zip" else parts["areas.shp"])
    else:
        driver = "GPKG" if kind == "gpkg" else ""
        geojson = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"CODE":"A1"},"geometry":'
        geojson += '{"type":"Point","coordinates":[116.4,39.9]}}]}'
        path.write_text(geojson) if not driver else write_gdal(path, driver, [SQUARE], {"CODE": ["A1"]})
    source = {"connector": "files", "path": str(path), "format": "geo"}
    contract = yaml.safe_load(draft_contract("place.areas", source, sample_source(source, {}), registry))
    assert contract["fields"]["geometry"] == {"element": "place.geometry"}
    assert "geometry.bbox" in contract["ignore"]
    assert "geometry.crs" not in contract["ignore"]
