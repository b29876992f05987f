"""Recorded OpenAQ answers: ``found`` against rows, both times of every row, values that are null and flagged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

NAME = "air.recorded"
UTC_FORM, LOCAL_FORM = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z"


@pytest.fixture
def recorded(data: Path) -> Path:
    return data / "api/openaq"


@pytest.fixture
def take(trial: Any, city: Any) -> Any:
    """``take(fields, resource=…)``: one run over the server that plays the recording back; the dataset's outcome."""

    def run(fields: dict[str, Any], **asked: Any) -> Any:
        contract = {
            "dataset": NAME,
            "title": {"zh": "记录", "en": "recorded"},
            "owner": {"department": "test"},
            "source": {"connector": "openaq", "url": f"{city.url}/v3", **asked},
            "fields": fields,
            "write": {"mode": "append"},
        }
        trial.declare("datasets/air/recorded", contract)
        return trial.run()

    return run


def play(city: Any, reply: Any, body: bytes) -> Any:
    """The server gives ``body`` as the first page and no rows after it; what it says."""

    def answer(asked: Any) -> Any:
        page = int(asked.params.get("page", 1))
        empty = {"meta": {"page": page, "limit": 1000, "found": 0}, "results": []}
        return reply(body if page == 1 else empty)

    city.answer = answer
    return json.loads(body)


def raw(trial: Any) -> pl.DataFrame:
    (receipt,) = trial.receipts(NAME)
    return pl.read_parquet(f"{trial.lake.raw(NAME, receipt['id'])}/*.parquet").sort("_part", "_row")


def counts(trial: Any) -> tuple[Any, ...]:
    (receipt,) = trial.receipts(NAME)
    return receipt["status"], receipt["declared_count"], receipt["stored_count"], receipt["proof"]


HOURS = {
    "period.datetimeTo.utc": {"element": "time.hour_start", "format": UTC_FORM, "zone": "UTC", "label": "end"},
    "period.datetimeTo.local": {
        "element": "time.hour_start",
        "as": "by_local",
        "format": LOCAL_FORM,
        "label": "end",
    },
    "period.datetimeFrom.utc": {"element": "time.interval_start", "format": UTC_FORM, "zone": "UTC"},
    "value": {"element": "air.pm25", "unit": {"from": "parameter.units", "names": {"µg/m³": "ug/m3"}}},
}


def test_a_thousand_measurements_of_which_150_are_null_and_flagged(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    body = (recorded / "measurements_1000.json").read_bytes()
    told = play(city, reply, body)
    assert told["meta"]["found"] == ">1000"
    assert take(HOURS, resource="measurements", sensors=[3]).exit_code == 0
    assert counts(trial)[:3] == ("received", None, 1000)
    rows = raw(trial)
    flagged = rows["flagInfo.hasFlags"] == "true"
    assert (rows["value"].null_count(), flagged.sum()) == (150, 220)
    assert rows.filter(pl.col("value").is_null())["flagInfo.hasFlags"].to_list() == ["true"] * 150
    assert [value and float(value) for value in rows["value"]] == [row["value"] for row in told["results"]]
    assert set(rows["coverage.percentComplete"]) == {"100.0"}
    assert Path(trial.receipts(NAME)[0]["landing"][0]).read_bytes() == body


def test_utc_and_local_times_are_the_same_instants_and_tell_the_zone(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    play(city, reply, (recorded / "measurements_1000.json").read_bytes())
    take(HOURS, resource="measurements", sensors=[3])
    rows = trial.standard(NAME)
    assert (rows["hour_start"] == rows["by_local"]).all()
    assert (rows["hour_start"] == rows["interval_start"]).all()
    assert rows["hour_start"].n_unique() == 1000
    offsets = raw(trial)["period.datetimeTo.local"].str.slice(19)
    assert offsets.value_counts().sort("count").rows() == [("-07:00", 46), ("-06:00", 954)]
    # The clocks of Denver went forward within the recording, on 2016-03-13.
    ends = rows["hour_start"].dt.offset_by("1h").dt.convert_time_zone("America/Denver")
    assert sorted(ends.dt.strftime("%Y-%m-%dT%H:%M:%S%:z")) == sorted(raw(trial)["period.datetimeTo.local"])


def test_48_found_and_48_rows_meet(take: Any, trial: Any, city: Any, reply: Any, recorded: Path) -> None:
    body = _body(recorded / "list_sensor_measurements_3.yml")
    assert play(city, reply, body)["meta"]["found"] == 48
    fields = {name: binding for name, binding in HOURS.items() if "local" not in name}
    fields["period.datetimeTo.utc"] = {"element": "time.interval_end", "format": UTC_FORM, "zone": "UTC"}
    asked = {"since": "2023-03-07T00:00:00-05:00", "until": "2023-03-08T00:00:00-05:00"}
    assert take(fields, resource="measurements", sensors=[3], page_size=100, **asked).exit_code == 0
    assert counts(trial) == ("received", 48, 48, "count")
    assert city.asked[0].params == {
        "datetime_from": asked["since"],
        "datetime_to": asked["until"],
        "limit": "100",
        "page": "1",
    }
    assert trial.ledger.states(NAME) == {"sensors/3/measurements": {"end": "2023-03-08T05:00:00Z"}}


def test_found_more_than_5_is_no_count(take: Any, trial: Any, city: Any, reply: Any, recorded: Path) -> None:
    body = _body(recorded / "list_sensor_measurements_limit_5.yml")
    assert play(city, reply, body)["meta"]["found"] == ">5"
    fields = {"value": HOURS["value"]}
    assert take(fields, resource="measurements", sensors=[3], page_size=5).exit_code == 0
    assert counts(trial)[:3] == ("received", None, 5)


def test_21142_found_and_1000_rows_are_incomplete_with_both_numbers(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    play(city, reply, (recorded / "latest_1000.json").read_bytes())
    fields = {"sensorsId": {"element": "air.station_code", "required": True}}
    outcome = take(fields, resource="latest", parameters=[2])
    assert outcome.exit_code == 2
    assert counts(trial)[:3] == ("incomplete", 21_142, 1000)
    assert [each["code"] for each in trial.dataset(outcome, NAME)["problems"]] == ["COUNT_DIFFERS"]
    assert not Path(trial.lake.standard(NAME)).exists()


def test_a_thousand_locations_have_2800_sensors_and_co_is_three_parameters(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    told = play(city, reply, (recorded / "locations_1000.json").read_bytes())
    fields = {
        "id": {"element": "air.station_code", "required": True},
        "coordinates.longitude": {"element": "place.longitude"},
        "coordinates.latitude": {"element": "place.latitude"},
    }
    assert take(fields, resource="locations").exit_code == 0
    assert counts(trial)[:3] == ("received", None, 1000)
    assert trial.standard(NAME)["station_code"].n_unique() == 1000
    rows = raw(trial)
    units = [name for name in rows.columns if name.startswith("sensors.") and name.endswith("parameter.units")]
    assert sum(len(rows) - rows[name].null_count() for name in units) == 2800
    co = {
        each["parameter"]["id"]: each["parameter"]["units"]
        for row in told["results"]
        for each in row["sensors"]
        if each["parameter"]["name"] == "co"
    }
    assert co == {4: "µg/m³", 8: "ppm", 102: "ppb"}


def test_eight_sensors_are_chosen_by_parameter_and_each_is_asked_for(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    listing = (recorded / "sensors.json").read_bytes()
    series = (recorded / "measurements_1000.json").read_bytes()
    play(city, reply, series)
    paged = city.answer
    city.answer = lambda asked: reply(listing) if asked.path == "/v3/locations/2178/sensors" else paged(asked)
    assert take(HOURS, resource="measurements", locations=[2178], parameters=[1, 2]).exit_code == 0
    assert [row["name"] for row in trial.receipts(NAME)] == [
        f"locations/2178/sensors/{sensor}/measurements" for sensor in (3920, 3919)
    ]


def _body(cassette: Path) -> bytes:
    (recorded,) = yaml.safe_load(cassette.read_text("utf-8"))["http_interactions"]
    text: str = recorded["response"]["body"]["string"]
    return text.encode()
