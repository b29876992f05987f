"""Unit, frame, label and zone are stated where the values prove them; otherwise the draft says what is not known."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.pipelines.conform.bind.coordinate_frames import convert_from_wgs84
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.match.field_proposal import ElementProposal, FieldFacts
from citylake.pipelines.onboard.compare_distribution import compare_distributions
from citylake.pipelines.onboard.draft_contract import render_draft
from citylake.pipelines.onboard.draft_target import DraftTarget
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions
from citylake.pipelines.onboard.onboard_source import plan_target
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key
from tests.declared import declare_packs
from tests.trial import Trial

STATIONS = [(f"{number:04d}A", 120.1 + number / 50, 30.2 + number / 70) for number in range(1, 6)]
HOURS = [(datetime(2026, 3, 1) + timedelta(hours=hour), 20 + hour * 7 % 31) for hour in range(24)]
OWNER = {"department": "市生态环境局"}
FIELDS = {
    "站点": {"element": "air.station_code"},
    "时段": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai"},
    "PM2.5": {"element": "air.pm25"},
    "经度": {"element": "place.longitude"},
    "纬度": {"element": "place.latitude"},
}
ACCEPTED = OnboardDecisions({"站": "air.station_code", "时刻": "time.observed_at", "浓度": "air.pm25"})


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Lake]:
    """A lake with a day of hours of five stations, labelled by their start, in micrograms and WGS-84."""
    trial = Trial(tmp_path_factory.mktemp("known"))
    declare_packs(trial.root / "workspace")
    lines = [f"{code},{at:%Y-%m-%d %H:%M},{value},{x},{y}" for code, x, y in STATIONS for at, value in HOURS]
    source = trial.root / "hours.csv"
    source.write_text("\n".join([",".join(FIELDS), *lines, ""]), "utf-8")
    write = {"mode": "upsert", "key": ["station_code", "hour_start"], "partition": "day(hour_start)"}
    title = {"zh": "小时值", "en": "hours"}
    contract = {"dataset": "air.known", "title": title, "owner": OWNER, "fields": FIELDS, "write": write}
    trial.declare(
        "datasets/air/known", {**contract, "source": {"connector": "files", "path": str(source), "format": "csv"}}
    )
    assert trial.run().exit_code == 0
    return load_valid_registry(trial.root / "workspace"), trial.lake


def drafted(known: tuple[Registry, Lake | None], columns: dict[str, list[str]], **accepted: str) -> tuple[Any, str]:
    registry, lake = known
    decisions = OnboardDecisions({**ACCEPTED.accepted, **accepted})
    sample = SourceSample(tuple(columns), pl.DataFrame(columns))
    target = DraftTarget("", "files", {"connector": "files", "path": "x"}, "csv", sample=sample, dataset="air.new")
    text = render_draft(plan_target(target, registry, decisions, lake))
    return yaml.safe_load(text)["fields"], text


def hours(shift: int, factor: float = 1.0) -> dict[str, list[str]]:
    return {
        "站": [STATIONS[0][0]] * len(HOURS),
        "时刻": [f"{at + timedelta(hours=shift):%Y-%m-%d %H:%M}" for at, _ in HOURS],
        "浓度": [f"{value * factor:g}" for _, value in HOURS],
    }


@pytest.mark.parametrize(
    ("shift", "zone", "label"), [(0, "Asia/Shanghai", "start"), (1, "Asia/Shanghai", "end"), (-8, "UTC", "start")]
)
def test_the_label_and_the_zone_of_hours_are_those_of_a_table_with_the_same_readings(
    known: tuple[Registry, Lake], shift: int, zone: str, label: str
) -> None:
    fields, _ = drafted(known, hours(shift))
    assert (fields["时刻"]["zone"], fields["时刻"]["label"]) == (zone, label)


def test_what_no_table_proves_is_said_to_be_unknown(known: tuple[Registry, Lake]) -> None:
    fields, text = drafted((known[0], None), {**hours(0), "经度": ["120.1"] * 24, "纬度": ["30.2"] * 24})
    assert "label" not in fields["时刻"]
    assert "frame" not in fields["经度"]
    assert text.count("label: start") + text.count("frame,") + text.count("写明 frame") >= 2


def test_the_zone_of_a_time_that_is_no_hour_is_not_assumed_in_silence(known: tuple[Registry, Lake]) -> None:
    moments = {**hours(0), "时刻": [f"2026-03-01 08:{minute:02}" for minute in range(len(HOURS))]}
    fields, text = drafted(known, moments)
    assert fields["时刻"]["zone"] == "Asia/Shanghai"
    assert translate_key("onboard.proof_zone_assumed", zone="Asia/Shanghai") in text


@pytest.mark.parametrize(("factor", "unit"), [(1.0, None), (0.001, "mg/m3")])
def test_milligrams_are_known_by_the_magnitude_of_another_datasets_values(
    known: tuple[Registry, Lake], factor: float, unit: str | None
) -> None:
    fields, text = drafted(known, hours(0, factor))
    assert fields["浓度"].get("unit") == unit
    assert "air.known" in text


def test_carbon_monoxide_in_micrograms_is_known_by_the_range_of_its_element(known: tuple[Registry, Lake]) -> None:
    values = [str(300 + 70 * number) for number in range(24)]
    accepted = {"CO": "air.co", "PM10(mg/m³)": "air.pm10"}
    fields, _ = drafted((known[0], None), {"CO": values, "PM10(mg/m³)": ["0.05"] * 24}, **accepted)
    assert fields["CO"] == {"element": "air.co", "unit": "ug/m3"}
    assert fields["PM10(mg/m³)"]["unit"] == "mg/m3"


@pytest.mark.parametrize("frame", ["WGS-84", "GCJ-02", "BD-09"])
def test_the_frame_is_the_one_in_which_known_places_are_where_they_are(
    known: tuple[Registry, Lake], frame: str
) -> None:
    here = pl.DataFrame(STATIONS, schema=["站", "x", "y"], orient="row")
    moved = convert_from_wgs84(here, "x", "y", frame)
    columns = {
        "站": moved["站"].to_list(),
        "经度": moved["x"].round(6).cast(pl.String).to_list(),
        "纬度": moved["y"].round(6).cast(pl.String).to_list(),
    }
    fields, _ = drafted(known, columns)
    assert fields["经度"] == {"element": "place.longitude", "frame": frame, "pair": "纬度"}
    assert fields["纬度"]["pair"] == "经度"


def test_codes_are_mapped_as_another_contract_maps_the_same_values(tmp_path: Path) -> None:
    declare_packs(tmp_path)
    contract = {
        "dataset": "traffic.known",
        "title": {"zh": "车型", "en": "classes"},
        "owner": OWNER,
        "source": {"connector": "files", "path": "x.csv", "format": "csv"},
        "fields": {"车型": {"element": "traffic.vehicle_class", "codes": {"小车儿": "K3", "大车儿": "K1"}}},
        "write": {"mode": "append"},
    }
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "known.yaml").write_text(yaml.safe_dump(contract, allow_unicode=True), "utf-8")
    registry = load_valid_registry(tmp_path)
    accepted = {"类": "traffic.vehicle_class"}
    fields, _ = drafted((registry, None), {"类": ["小车儿", "大车儿", "小车儿"]}, **accepted)
    assert fields["类"]["codes"] == {"小车儿": "K3", "大车儿": "K1"}
    fields, text = drafted((registry, None), {"类": ["小车儿", "牛车"]}, **accepted)
    assert "codes" not in fields["类"]
    assert "牛车" in text


def compared(known: tuple[Registry, Lake], values: list[str], element: str) -> ElementProposal:
    tables = KnownTables(*known, "air.new")
    given = {"f": (ElementProposal("f", element, 0.6, sure=True),)}
    (found,) = compare_distributions(given, [FieldFacts("f", values=tuple(values))], tables)["f"]
    return found


@pytest.mark.parametrize("factor", [1.0, 0.001])
def test_values_like_those_of_the_lake_in_some_unit_speak_for_an_element(
    known: tuple[Registry, Lake], factor: float
) -> None:
    found = compared(known, [f"{value * factor:g}" for _, value in HOURS], "air.pm25")
    assert (found.evidence[-1].code, found.sure) == ("like_elsewhere", True)
    assert found.score > 0.6


def test_values_far_from_those_of_the_lake_in_every_unit_are_not_sure(known: tuple[Registry, Lake]) -> None:
    found = compared(known, [f"{value * 30:g}" for _, value in HOURS], "air.pm25")
    assert (found.evidence[-1].code, found.sure) == ("unlike_elsewhere", False)
    assert found.counter_evidence == (found.evidence[-1],)
    assert found.score < 0.6


def test_identifiers_that_another_dataset_has_speak_for_an_element(known: tuple[Registry, Lake]) -> None:
    found = compared(known, [code for code, *_ in STATIONS], "air.station_code")
    assert (found.evidence[-1].code, found.evidence[-1].values["share"]) == ("values_elsewhere", 100)
    other = compared(known, [f"9{code}" for code, *_ in STATIONS], "air.station_code")
    assert (other.evidence, other.sure) == ((), True)
