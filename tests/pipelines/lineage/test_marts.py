"""A mart's tables, as lineage tells them: the demo city's day, and what holds for every mart of every workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lineage import dataset_job, mart_job
from citylake.pipelines.lineage.lineage_model import ColumnLink, LineageTable
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO


def context(root: Path, workspace: Path = DEMO) -> RunContext:
    lake = Lake(str(root / "lake"))
    return RunContext(load_registry(workspace), lake, Ledger(lake), new_run())


def ways(links: tuple[ColumnLink, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for link in links:
        assert link.place.namespace == "file"
        found.setdefault(f"{link.place.name.rpartition('/')[2]}.{link.field}", set()).add(link.how)
    return found


REGIONS = [f"{name}.region_code" for name in (
    "environment.air_stations", "environment.rain_gauges", "government.hotline_cases", "traffic.detector_flow",
)]  # fmt: skip
DAYS = [f"{name}._day" for name in (
    "environment.air_hourly", "environment.rain_gauges", "government.hotline_cases", "traffic.detector_flow",
)]  # fmt: skip
AIR = "environment.air_hourly"
INDEX = {f"{AIR}.{name}": {"AGGREGATION", "CONDITIONAL"} for name in (
    "so2_ugm3", "no2_ugm3", "co_mgm3", "pm10_ugm3", "pm25_ugm3",
)} | {
    f"{AIR}.o3_ugm3": {"AGGREGATION", "CONDITIONAL", "FILTER"},
    f"{AIR}.hour_start": {"FILTER"},
    f"{AIR}._day": {"TRANSFORMATION"},
}  # fmt: skip


def test_the_citys_day_tells_what_each_column_is_made_from(tmp_path: Path) -> None:
    here = context(tmp_path)
    told = mart_job.describe_mart_job(here, here.registry.marts["city_day"])
    day = told.outputs[0]
    assert day.place.name == f"{tmp_path}/lake/curated/city_day/region_day"
    assert {column: ways(links) for column, links in day.links.items()} == {
        "region_code": {name: {"IDENTITY"} for name in REGIONS},
        "day": {name: {"IDENTITY"} for name in DAYS},
        "aqi": INDEX,
        "aqi_class": INDEX,
        "aqi_edition": INDEX,
        "primary_pollutants": INDEX,
        "pm25_24h_ugm3": {f"{AIR}.pm25_ugm3": {"AGGREGATION", "CONDITIONAL"}},
        "no2_24h_ugm3": {f"{AIR}.no2_ugm3": {"AGGREGATION", "CONDITIONAL"}},
        "o3_8h_24h_ugm3": {f"{AIR}.o3_ugm3": {"AGGREGATION", "FILTER"}, f"{AIR}.hour_start": {"FILTER"}},
        "co_24h_mgm3": {f"{AIR}.co_mgm3": {"AGGREGATION", "CONDITIONAL"}},
        "flow_veh": {"traffic.detector_flow.flow_veh": {"AGGREGATION"}},
        "mean_speed_kmh": {
            "traffic.detector_flow.flow_veh": {"AGGREGATION"},
            "traffic.detector_flow.mean_speed_kmh": {"AGGREGATION", "FILTER"},
        },
        "precipitation_24h_mm": {"environment.rain_gauges.precipitation_1h_mm": {"AGGREGATION"}},
        "drainage_cases": {"government.hotline_cases.case_category": {"FILTER"}},
    }
    rows = ways(day.rows)
    assert rows["government.enterprise_registry.registration_status"] == {"FILTER"}
    assert rows["environment.air_stations.station_code"] == {"JOIN"}
    assert rows["environment.air_hourly.hour_start"] == {"GROUP_BY", "WINDOW"}


def test_a_marts_columns_have_their_elements_types_and_words(tmp_path: Path) -> None:
    here = context(tmp_path)
    day = mart_job.describe_mart_job(here, here.registry.marts["city_day"]).outputs[0]
    by_name = {column.name: column for column in day.columns}
    assert (by_name["day"].type, by_name["aqi"].type) == ("DATE", "BIGINT")
    assert by_name["cases"].type is None
    assert by_name["cases"].about
    assert by_name["cases"].about.zh == "当日受理的热线工单数"


WORKSPACES = ["workspaces/demo", "workspaces/chicago", "workspaces/singapore", "tests/real/workspace"]


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_a_link_names_a_column_that_a_table_of_the_lake_has(root: Path, tmp_path: Path, workspace: str) -> None:
    here = context(tmp_path, root / workspace)
    registry = here.registry
    standard = [dataset_job.describe_standard_table(here, contract, []) for contract in registry.contracts.values()]
    told = [mart_job.describe_mart_job(here, mart) for mart in registry.marts.values()]
    made = [table for each in told for table in each.outputs]
    linked = [table for each in told for table in each.inputs if "/curated/entities/" in table.place.name]
    known = {(table.place, column.name) for table in (*standard, *made, *linked) for column in table.columns}
    assert made
    for table in made:
        assert {(link.place, link.field) for link in _links(table)} <= known
        assert table.links.keys() <= {column.name for column in table.columns}


def _links(table: LineageTable) -> list[ColumnLink]:
    return [link for links in table.links.values() for link in links] + list(table.rows)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_what_a_mart_links_to_it_reads_or_makes(root: Path, tmp_path: Path, workspace: str) -> None:
    here = context(tmp_path, root / workspace)
    for mart in here.registry.marts.values():
        told = mart_job.describe_mart_job(here, mart)
        places = {table.place for table in (*told.inputs, *told.outputs)}
        assert {link.place for table in told.outputs for link in _links(table)} <= places


def test_a_dataset_that_looks_things_up_in_another_reads_it(tmp_path: Path) -> None:
    here = context(tmp_path)
    told = dataset_job.describe_dataset_job(here, here.registry.contracts["environment.air_hourly"])
    names = [table.place.name.rpartition("/")[2] for table in told.inputs]
    assert names[1:] == ["environment.air_stations"]
