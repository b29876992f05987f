"""DATEX II from the stand-in city to the standard zone: measured data beside their sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.infra.city.protocols.datex2_readings import DetectorHour, detector_hours
from citylake.infra.city.serve.city_data import CityData
from tests import transit
from tests.thorough import spread

DATASET = transit.DETECTORS
V2 = "/traffic/datex2/v2/measured.xml"
SITES = "/traffic/datex2/v2/sites.xml"


@pytest.fixture(scope="module")
def sent(standin_folder: Path) -> list[DetectorHour]:
    return detector_hours(CityData(standin_folder))


def readings(hour: DetectorHour) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Flow, speed and occupancy by detector, lane and class, as numbers."""
    found = {}
    for device, values in hour.sites.items():
        for each in values:
            numbers = (each.flow, None if each.speed_kmh == "-1" else each.speed_kmh, each.occupancy)
            key = device, f"lane{each.lane}", "K1" if each.heavy else "K3"
            found[key] = tuple(None if number is None else float(number) for number in numbers)
    return found


def stored(trial: Any) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    table = trial.standard(DATASET)
    columns = ["device_code", "lane", "vehicle_class", "flow_rate_vehh", "mean_speed_kmh", "occupancy_pct"]
    return {
        row[:3]: tuple(None if number is None else float(number) for number in row[3:])
        for row in table.select(columns).iter_rows()
    }


@pytest.mark.parametrize(("model", "form"), [("v2", "xml"), ("v3", "xml"), ("v2", "xml.gz")])
def test_every_reading_of_the_hour_is_there_with_its_site(
    trial: Any, standin: str, sent: list[DetectorHour], model: str, form: str
) -> None:
    url = f"{standin}/traffic/datex2/{model}/measured.{form}?hour=9"
    transit.detectors(trial, url, site_table=f"sites.{form}")
    outcome = trial.run()
    assert outcome.exit_code == 0, outcome.document
    assert stored(trial) == readings(sent[9])
    table = trial.standard(DATASET)
    first = next(iter(sent[9].sites.values()))[0]
    (row,) = table.filter(device_code=first.device, lane=f"lane{first.lane}").head(1).to_dicts()
    assert row["site_name"] == f"{first.device}检测点"
    assert float(row["latitude_deg"]) == float(first.latitude)
    assert row["interval_end"].isoformat() == "2026-02-23T02:00:00+00:00"


def test_both_documents_are_kept_and_neither_is_sent_again(trial: Any, standin: str) -> None:
    transit.detectors(trial, f"{standin}{V2}?hour=9", site_table="sites.xml")
    trial.run()
    trial.run()
    (first, second) = trial.receipts(DATASET)
    assert [Path(path).name for path in first["landing"]] == ["measured-measured.xml", "site_table-sites.xml"]
    assert (first["proof"], second["status"], second["size_bytes"]) == ("snapshot", "unchanged", 0)


def test_hour_after_hour_adds_up(trial: Any, standin: str, sent: list[DetectorHour]) -> None:
    transit.detectors(trial, f"{standin}/with/rotating@hours{V2}", site_table=f"{standin}/with/rotating@hours{SITES}")
    trial.run()
    trial.run()
    assert trial.standard(DATASET)["interval_end"].n_unique() == 2
    assert trial.standard(DATASET).height == len(readings(sent[0])) + len(readings(sent[1]))


def test_a_publication_time_that_does_not_move_on_is_told(trial: Any, standin: str) -> None:
    transit.detectors(trial, f"{standin}/with/rotating,same_stamp@stamps{V2}", site_table="sites.xml")
    trial.run()
    told = trial.dataset(trial.run(), DATASET)["problems"]
    assert "STAMP_REPEATED" in [problem["code"] for problem in told]


def test_values_of_another_version_of_their_site_are_kept_and_told(
    trial: Any, standin: str, sent: list[DetectorHour]
) -> None:
    sites = f"{standin}/with/other_version{SITES}"
    transit.values(trial, f"{standin}{V2}?hour=9", site_table=sites)
    told = trial.dataset(trial.run(), DATASET)["problems"]
    (notice,) = (problem for problem in told if problem["code"] == "DATEX2_VERSION_DIFFERS")
    assert f"{3 * len(readings(sent[9]))} values of {len(sent[9].sites)} sites" in notice["text"]["en"]
    table = trial.standard(DATASET)
    assert (table.height, set(table["latitude_deg"])) == (3 * len(readings(sent[9])), {None})


@pytest.mark.parametrize("fault", spread(["gzip", "slow", "wrong_type", "503:1@dx", "cut:1@dx"], 3))
def test_what_heals_or_does_not_matter_changes_nothing(
    trial: Any, standin: str, sent: list[DetectorHour], fault: str
) -> None:
    transit.detectors(trial, f"{standin}/with/{fault}{V2}?hour=9", site_table="sites.xml")
    assert trial.run().exit_code == 0
    assert stored(trial) == readings(sent[9])


@pytest.mark.parametrize(
    ("fault", "code"),
    [("half", "DATEX2_NOT_WHOLE"), ("login", "FILE_IS_HTML"), ("404", "HTTP_REFUSED"), ("cut", "HTTP_NO_ANSWER")],
)
def test_what_is_not_whole_is_told_and_not_landed(trial: Any, standin: str, fault: str, code: str) -> None:
    transit.detectors(trial, f"{standin}/with/{fault}{V2}?hour=9", site_table=f"{standin}{SITES}", attempts=2)
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts(DATASET)
    assert (receipt["status"], receipt["landing"]) == ("failed", [])
    assert code in receipt["problems"]


def test_a_site_table_that_does_not_come_leaves_the_pull_incomplete(trial: Any, standin: str) -> None:
    transit.detectors(trial, f"{standin}{V2}?hour=9", site_table=f"{standin}/with/404{SITES}", attempts=2)
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts(DATASET)
    assert (receipt["status"], len(receipt["landing"])) == ("incomplete", 1)
    assert not Path(trial.lake.standard(DATASET)).exists()


def test_entities_are_refused_whatever_they_would_do(trial: Any, standin: str) -> None:
    transit.detectors(trial, f"{standin}/with/doctype{V2}?hour=9")
    outcome = trial.run()
    assert outcome.exit_code != 0
    assert "XML_UNSAFE" in str(outcome.document)
    assert not Path(trial.lake.standard(DATASET)).exists()
