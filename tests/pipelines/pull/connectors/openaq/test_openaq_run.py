"""OpenAQ through the whole of ``citylake run``: the stand-in city's service, well and misbehaving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.protocols.air_hours import air_hours
from citylake.infra.city.protocols.openaq_network import CO_UGM3_PER_PPM
from citylake.pipelines.cli import main
from tests.thorough import spread

CO, KEY = "environment.openaq_co", "k-5f0e-openaq"
UNITS = {"µg/m³": "ug/m3", "ppm": "[ppm]"}
SERVICE = "/openaq/v3"


@pytest.fixture
def declare(trial: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Hourly CO of sensors, whatever their unit, from the service at an address."""
    monkeypatch.setenv("CITYLAKE_CONN_OPENAQ", json.dumps({"headers": {"X-API-Key": KEY}}))

    def write(url: str, **source: Any) -> None:
        asked = {"resource": "hours", "connection": "openaq", "attempts": 1, **source}
        contract = {
            "dataset": CO,
            "title": {"zh": "一氧化碳", "en": "CO"},
            "owner": {"department": "市生态环境局"},
            "source": {"connector": "openaq", "url": url, "name_fields": r"sensors/(?P<sensor>\d+)/", **asked},
            "fields": {
                "sensor": {"element": "air.station_code", "required": True},
                "period.datetimeTo.utc": {
                    "element": "time.hour_start",
                    "format": "%Y-%m-%dT%H:%M:%SZ",
                    "zone": "UTC",
                    "label": "end",
                    "required": True,
                },
                "value": {"element": "air.co", "unit": {"from": "parameter.units", "names": UNITS}},
            },
            "write": {"mode": "upsert", "key": ["station_code", "hour_start"]},
            "expect": {"completeness": {"co_mgm3": 0.9}},
        }
        trial.declare("datasets/environment/openaq_co", contract)

    return write


def one_station(folder: Path, name: str) -> dict[Any, float | None]:
    """What the table says of a station's CO, µg/m³, by the beginning of the hour: the first of several rows."""
    found: dict[Any, float | None] = {}
    for hour in air_hours(folder):
        if hour.began and hour.station.replace("监测站", "站") == name:
            found.setdefault(hour.began, hour.number_of("CO"))
    return found


def test_rows_by_the_hours_end_in_two_units_are_one_column_by_the_hours_start(
    trial: Any, standin: str, standin_folder: Path, declare: Any
) -> None:
    names = [row["name"] for row in json.loads((standin_folder / "api/air_stations.json").read_bytes())]
    declare(standin + SERVICE, locations=[101, 102], parameters=[4, 8])
    assert trial.run().exit_code == 0
    rows = trial.standard(CO)
    for location, factor in ((101, 1.0), (102, 1.0)):
        of = rows.filter(pl.col("station_code") == str(10 * location + 6))
        told = one_station(standin_folder, names[location - 101])
        assert set(of["hour_start"].to_list()) == set(told)
        found = dict(of.select("hour_start", "co_mgm3").iter_rows())
        for hour, value in told.items():
            near = None if value is None else pytest.approx(value * factor / 1000, abs=2e-3)
            assert found[hour] is None if near is None else float(found[hour]) == near
    # The element's gas gives the factor between ppm and mass; the stand-in's is the same to four digits.
    assert pytest.approx(1145, abs=1) == CO_UGM3_PER_PPM


def test_the_receipt_of_each_sensor_says_how_it_is_known_to_be_whole(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + SERVICE, sensors=[1016, 1026], page_size=50)
    trial.run()
    told = {row["name"]: row for row in trial.receipts(CO)}
    assert set(told) == {"sensors/1016/hours", "sensors/1026/hours"}
    assert all(row["status"] == "received" and row["declared_count"] is None for row in told.values())
    assert all(row["stored_count"] > 50 for row in told.values())


def test_the_next_run_asks_for_the_overlap_only_and_doubles_nothing(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + SERVICE, sensors=[1016])
    trial.run()
    before, states = trial.standard(CO), trial.ledger.states(CO)
    assert list(states) == ["sensors/1016/hours"]
    trial.run()
    first, second = (row["stored_count"] for row in trial.receipts(CO))
    assert (second, first > 48) == (25, True)
    assert len(trial.standard(CO)) == len(before)
    assert trial.ledger.states(CO) == states


def test_a_sensor_that_is_not_there_holds_no_other_and_the_run_says_so(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + SERVICE, sensors=[9999, 1016])
    outcome = trial.run()
    assert outcome.exit_code == 2
    assert {row["name"]: row["status"] for row in trial.receipts(CO)} == {
        "sensors/9999/hours": "failed",
        "sensors/1016/hours": "received",
    }
    assert set(trial.standard(CO)["station_code"]) == {"1016"}
    assert list(trial.ledger.states(CO)) == ["sensors/1016/hours"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("shift:2+", "PAGE_CHANGED"),
        ("short_page", "PAGE_UNEVEN"),
        ("repeated_page", "PAGE_REPEATED"),
        ("past_end", "PAGE_UNEVEN"),
        ("error_200", "HTTP_FAILED_INSIDE"),
        ("429:2", "HTTP_REFUSED"),
        ("503:2", "HTTP_REFUSED"),
        ("cut:2", "HTTP_NO_ANSWER"),
        ("login", "HTTP_NOT_JSON"),
        ("gbk", "HTTP_NOT_JSON"),
        ("elsewhere", "HTTP_REDIRECTED"),
        ("404", "HTTP_REFUSED"),
    ],
)
def test_a_pull_that_is_not_whole_moves_no_state_and_seals_nothing(
    trial: Any, standin: str, declare: Any, fault: str, code: str
) -> None:
    declare(f"{standin}/with/{fault}@openaq{SERVICE}", sensors=[1026], page_size=40)
    outcome = trial.run()
    (receipt,) = trial.receipts(CO)
    assert (outcome.exit_code, receipt["status"] in ("incomplete", "failed")) == (2, True)
    assert code in str(trial.dataset(outcome, CO)["problems"])
    assert trial.ledger.states(CO) == {}
    assert not Path(trial.lake.standard(CO)).exists()


@pytest.mark.parametrize("fault", ["text_counts", *spread(["slow", "gzip", "wrong_type", "skew"], 2)])
def test_what_is_only_odd_comes_whole(trial: Any, standin: str, declare: Any, fault: str) -> None:
    declare(f"{standin}/with/{fault}{SERVICE}", sensors=[1016])
    assert trial.run().exit_code == 0
    (receipt,) = trial.receipts(CO)
    assert receipt["declared_count"] == receipt["stored_count"] == len(trial.standard(CO))


def test_values_that_are_renamed_from_the_second_page_on_hold_the_batch(trial: Any, standin: str, declare: Any) -> None:
    declare(f"{standin}/with/renamed_column{SERVICE}", sensors=[1016], page_size=40)
    outcome = trial.run()
    told = trial.dataset(outcome, CO)
    assert (outcome.exit_code, told["status"]) == (2, "held")
    assert "reading" in str(told["problems"])


def test_a_pull_that_broke_off_is_continued_by_the_next_run(trial: Any, standin: str, declare: Any) -> None:
    declare(f"{standin}/with/503:2@openaq_continued{SERVICE}", sensors=[1016], page_size=40)
    assert trial.run().exit_code == 2
    assert trial.run().exit_code == 0
    broken, whole = trial.receipts(CO)
    assert (broken["status"], broken["stored_count"]) == ("incomplete", 40)
    assert whole["stored_count"] == len(trial.standard(CO)) > 40
    assert Path(whole["landing"][0]).read_bytes() == Path(broken["landing"][0]).read_bytes()


def test_registers_come_whole_by_their_counts(trial: Any, standin: str, standin_folder: Path, declare: Any) -> None:
    contract = {
        "dataset": CO,
        "title": {"zh": "站点", "en": "stations"},
        "owner": {"department": "市生态环境局"},
        "fields": {"id": {"element": "air.station_code"}, "name": {"element": "air.station_name"}},
        "write": {"mode": "append"},
    }
    source = {"connector": "openaq", "url": standin + SERVICE, "connection": "openaq", "page_size": 5}
    declare("")
    trial.declare("datasets/environment/openaq_co", {**contract, "source": {**source, "resource": "locations"}})
    assert trial.run().exit_code == 0
    stations = json.loads((standin_folder / "api/air_stations.json").read_bytes())
    assert trial.standard(CO).sort("station_code")["station_name"].to_list() == [row["name"] for row in stations]
    (receipt,) = trial.receipts(CO)
    assert receipt["declared_count"] == receipt["stored_count"] == len(stations)


def test_without_the_key_nothing_comes_and_with_it_it_is_nowhere_in_the_lake(
    trial: Any, standin: str, declare: Any
) -> None:
    declare(standin + SERVICE, sensors=[1016], connection=None)
    assert "Invalid credentials" in str(trial.dataset(trial.run(), CO)["problems"])
    declare(standin + SERVICE, sensors=[1016])
    assert trial.run().exit_code == 0
    files = [path for path in trial.root.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_sensor_without_new_rows_holds_nothing(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + SERVICE, sensors=[1016, 1026], since="2026-02-25T00:00:00+08:00")
    trial.run()
    declare(standin + SERVICE, sensors=[1016, 1036], since="2026-03-25T00:00:00+08:00")
    outcome = trial.run()
    assert outcome.exit_code == 0, trial.dataset(outcome, CO)
    assert {row["name"]: row["stored_count"] for row in trial.receipts(CO)[2:]} == {
        "sensors/1016/hours": 25,
        "sensors/1036/hours": 0,
    }


def test_a_service_without_any_row_is_no_fault(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + SERVICE, sensors=[1016], since="2026-03-25T00:00:00+08:00")
    outcome = trial.run()
    assert outcome.exit_code == 0, trial.dataset(outcome, CO)


def test_a_dry_run_asks_nothing_even_where_sensors_must_be_listed(
    trial: Any, declare: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    declare("http://127.0.0.1:9/v3", locations=[101])
    folders = [f"--workspace={trial.root / 'workspace'}", f"--lake={trial.root / 'lake'}"]
    assert main([*folders, "pull", CO, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "GET http://127.0.0.1:9/v3/locations/101/sensors" in told
    assert "GET http://127.0.0.1:9/v3/sensors/{id}/hours?datetime_to=" in told
