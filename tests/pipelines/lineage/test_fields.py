"""A standard column's source fields, as the contract's bindings and reshaping say."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.lineage.column_origins import list_source_fields, trace_column_origins
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import DEMO

Shown = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(DEMO)


def contract(**said: object) -> Contract:
    """A contract of a CSV that says this, too."""
    rest = {
        "dataset": "page.example",
        "title": {"zh": "例", "en": "example"},
        "owner": {"department": "局"},
        "source": {"connector": "files", "path": "x.csv", "format": "csv"},
        "write": {"mode": "append"},
    }
    return Contract.model_validate(rest | said)


def columns(declared: Contract, registry: Registry) -> Shown:
    found = trace_column_origins(declared, registry).columns
    return {column: [(origin.field, origin.how) for origin in origins] for column, origins in found.items()}


def rows(declared: Contract, registry: Registry) -> set[tuple[str, str, str]]:
    found = trace_column_origins(declared, registry).rows
    return {(origin.field, origin.how, origin.note.en if origin.note else "") for origin in found}


def test_the_detectors_columns_name_every_field_that_they_are_made_from(registry: Registry) -> None:
    assert columns(registry.contracts["traffic.detector_flow"], registry) == {
        "hour_start": [("采集时间", "TRANSFORMATION")],
        "device_code": [("设备编号", "IDENTITY")],
        "lane_no": [("车道号", "IDENTITY")],
        "vehicle_class": [("车型", "TRANSFORMATION")],
        "flow_veh": [("流量", "TRANSFORMATION")],
        "mean_speed_kmh": [("平均速度", "TRANSFORMATION"), ("速度单位", "CONDITIONAL")],
        "occupancy_pct": [("占有率", "IDENTITY")],
        "longitude_deg": [("经度", "TRANSFORMATION"), ("纬度", "TRANSFORMATION")],
        "latitude_deg": [("纬度", "TRANSFORMATION"), ("经度", "TRANSFORMATION")],
        "region_code": [("行政区划代码", "TRANSFORMATION")],
        "_day": [("采集时间", "TRANSFORMATION")],
    }


def test_rows_are_decided_by_what_is_required_by_rules_and_by_the_key(registry: Registry) -> None:
    assert rows(registry.contracts["environment.air_hourly"], registry) == {
        ("时间", "FILTER", "required"),
        ("站点名称", "FILTER", "required"),
        ("PM10", "FILTER", "rule PM25_ABOVE_PM10"),
        ("PM2.5", "FILTER", "rule PM25_ABOVE_PM10"),
        ("站点名称", "GROUP_BY", "key"),
        ("时间", "GROUP_BY", "key"),
    }


def test_a_change_of_unit_is_told_and_the_same_unit_is_none(registry: Registry) -> None:
    found = trace_column_origins(registry.contracts["environment.air_hourly"], registry).columns
    (same,), (other,) = found["pm25_ugm3"], found["co_mgm3"]
    assert (same.how, same.note) == ("IDENTITY", None)
    assert other.how == "TRANSFORMATION"
    assert other.note
    assert (other.note.zh, other.note.en) == ("单位 ug/m3 → mg/m3", "unit ug/m3 → mg/m3")


def test_a_qualifier_comes_from_the_field_of_its_number(registry: Registry) -> None:
    found = columns(registry.contracts["environment.air_hourly"], registry)
    assert found["so2_ugm3_qualifier"] == [("SO2", "TRANSFORMATION")]


def test_several_fields_that_make_one_value_are_all_named(registry: Registry) -> None:
    hour = {"element": "time.hour_start", "from": ["year", "month", "hour"], "join": "{year}-{month}-{day} {hour}"}
    declared = contract(fields={"hour_start": hour | {"format": "%Y-%m-%d %H", "zone": "Asia/Shanghai"}})
    wanted = [(name, "TRANSFORMATION") for name in ("year", "month", "hour", "day")]
    assert columns(declared, registry) == {"hour_start": wanted}
    assert list_source_fields(declared) == ["year", "month", "hour"]


def test_a_constant_comes_from_no_field(registry: Registry) -> None:
    declared = contract(fields={"device": {"element": "traffic.device_code", "constant": "JT1"}})
    assert columns(declared, registry) == {"device_code": []}
    assert list_source_fields(declared) == []


def test_a_value_in_the_files_name_is_a_field(registry: Registry) -> None:
    source = {"connector": "files", "path": "*.csv", "format": "csv", "name_fields": r"(?P<device>\w+)\.csv"}
    declared = contract(source=source, fields={"device": {"element": "traffic.device_code"}})
    assert columns(declared, registry) == {"device_code": [("device", "TRANSFORMATION")]}


def test_a_register_has_its_validity_from_the_day_on_which_it_was_whole(registry: Registry) -> None:
    day = {"element": "time.day", "format": "%Y%m%d"}
    write = {"mode": "snapshot", "key": ["device_code"], "effective": "day"}
    declared = contract(fields={"d": day, "device": {"element": "traffic.device_code"}}, write=write)
    found = columns(declared, registry)
    assert found["valid_from"] == found["valid_to"] == [("d", "TRANSFORMATION")]


NAMED = r"^readings\.(?P<measure>\w+)\.(?P<region>\w+)$"


def test_columns_that_became_rows_and_columns_again_are_followed_back(registry: Registry) -> None:
    fields = {"PM2.5": {"element": "air.pm25"}, "station": {"element": "air.station_code"}}
    unpivot = {"keep": ["date", "hour", "type"], "name": "station", "value": "reading"}
    pivot = {"keys": ["date", "hour", "station"], "on": "type", "value": "reading", "columns": ["PM2.5", "PM10"]}
    declared = contract(reshape=[{"unpivot": unpivot}, {"pivot": pivot}], fields=fields)
    assert columns(declared, registry) == {
        "pm25_ugm3": [("*", "TRANSFORMATION"), ("type", "CONDITIONAL")],
        "station_code": [("*", "TRANSFORMATION")],
    }
    assert {"date", "hour", "type"} <= set(list_source_fields(declared))
    assert not {"station", "reading", "PM2.5"} & set(list_source_fields(declared))


def test_parts_of_a_columns_name_are_told_by_the_pattern_of_the_columns(registry: Registry) -> None:
    fields = {"pm25": {"element": "air.pm25"}, "region": {"element": "air.station_code"}}
    pivot = {"keys": ["timestamp", "region"], "on": "measure", "value": "reading", "columns": ["pm25"]}
    declared = contract(reshape=[{"unpivot": {"named": NAMED, "value": "reading"}}, {"pivot": pivot}], fields=fields)
    assert columns(declared, registry) == {
        "pm25_ugm3": [(NAMED, "TRANSFORMATION"), (NAMED, "CONDITIONAL")],
        "station_code": [(NAMED, "TRANSFORMATION")],
    }


@pytest.mark.parametrize(
    "place", ["workspaces/demo", "workspaces/chicago", "workspaces/singapore", "tests/real/workspace"]
)
def test_no_column_names_a_field_that_the_source_is_not_said_to_have(root: Path, place: str) -> None:
    registry = load_registry(root / place)
    assert registry.contracts
    for declared in registry.contracts.values():
        known = set(list_source_fields(declared))
        fields = trace_column_origins(declared, registry)
        named = {origin.field for origins in fields.columns.values() for origin in origins}
        assert named | {origin.field for origin in fields.rows} <= known, declared.dataset


def test_a_flag_decides_its_value_and_has_a_column_of_its_own(registry: Registry) -> None:
    flag = {"from": "q", "accept": ["V"]}
    declared = contract(
        fields={"o3": {"element": "air.o3", "unit": "ug/m3", "refuse": "value", "flag": flag}}, where={"kind": "OBS"}
    )
    assert columns(declared, registry) == {
        "o3_ugm3": [("o3", "IDENTITY"), ("q", "CONDITIONAL")],
        "o3_ugm3_flag": [("q", "IDENTITY")],
    }
    assert ("kind", "FILTER", "determines which rows are the dataset's") in rows(declared, registry)
    assert list_source_fields(declared) == ["o3", "q", "kind"]


def test_a_pivot_of_a_value_and_its_flag_names_both_fields(registry: Registry) -> None:
    pivot = {"keys": ["st"], "on": "gas", "value": {"v": "{}", "f": "{}_flag"}, "columns": ["O3"]}
    flag = {"from": "O3_flag", "accept": ["V"]}
    declared = contract(reshape=[{"pivot": pivot}], fields={"O3": {"element": "air.o3", "flag": flag}})
    assert [field for field, _ in columns(declared, registry)["o3_ugm3"]] == ["v", "f", "gas"]
