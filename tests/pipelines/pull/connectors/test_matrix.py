"""Protocols against faults of the wire: the table that comes without the fault, or nothing and code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import stamina

from citylake.infra.city.protocols.portal import APP_KEY
from citylake.infra.city.protocols.portal import PORTAL_DATASET as KEYED
from citylake.infra.city.serve.fault_injection import SERVICE_FAULTS
from tests import transit
from tests.declared import DEMO, declare_packs
from tests.pipelines.pull.connectors import portals
from tests.pipelines.pull.connectors.gtfs import test_gtfs_run
from tests.pipelines.pull.connectors.rotation import rotated
from tests.trial import Trial

Declare = Callable[[Trial, str], str]
"""Declares the source below an address, and returns the dataset's name."""


def _cases(**source: Any) -> Declare:
    def declare(trial: Trial, root: str) -> str:
        below = {**source, "url": root + source["url"], "attempts": 2, "per_second": 1000}
        portals.declare(trial, portals.DATASET, **below)
        return portals.DATASET

    return declare


def _keyed(trial: Trial, root: str) -> str:
    fields = {"AJBH": {"element": "service.case_no", "required": True}}
    source = {
        "connector": "rest_paged",
        "url": f"{root}/sz/api/{KEYED}/1/service.xhtml",
        "connection": "sz",
        "envelope": {"field": "data", "message": "message"},
        "paging": {"by": "page", "param": "page", "size_param": "rows", "size": 200, "total": "total"},
        "format": {"type": "json", "records": "data"},
        "attempts": 2,
        "per_second": 1000,
    }
    transit.declare(trial, "service.cases", source, fields=fields, write={"mode": "upsert", "key": ["case_no"]})
    return "service.cases"


def _entities(trial: Trial, root: str) -> str:
    fields = {"id": {"element": "facility.code", "required": True}}
    source = {"connector": "ngsi_ld", "url": root, "type": "AirQualityObserved", "page_size": 500, "attempts": 2}
    transit.declare(trial, "air.entities", source, fields=fields, write={"mode": "upsert", "key": ["facility_code"]})
    return "air.entities"


def _observations(trial: Trial, root: str) -> str:
    fields = {"@iot.id": {"element": "facility.code", "required": True}}
    asked = {"datastreams": [1, 2], "page_size": 50, "max_pages": 20, "attempts": 2, "per_second": 1000}
    source = {"connector": "sensorthings", "url": f"{root}/sta/v1.1", **asked}
    transit.declare(trial, "air.observed", source, fields=fields, write={"mode": "upsert", "key": ["facility_code"]})
    return "air.observed"


def _hours(trial: Trial, root: str) -> str:
    fields = {"period.datetimeTo.utc": {"element": "time.observed_at", "format": "%Y-%m-%dT%H:%M:%SZ", "zone": "UTC"}}
    asked = {"resource": "hours", "sensors": [1026], "page_size": 40, "attempts": 2, "per_second": 1000}
    source = {"connector": "openaq", "url": f"{root}/openaq/v3", "connection": "openaq", **asked}
    transit.declare(trial, "air.hours", source, fields=fields, write={"mode": "append"})
    return "air.hours"


def _vehicles(trial: Trial, root: str) -> str:
    transit.vehicles(trial, f"{root}/transit/rt/vehicles.pb?slot=7", attempts=2)
    return transit.VEHICLES


def _detectors(trial: Trial, root: str) -> str:
    transit.detectors(trial, f"{root}/traffic/datex2/v2/measured.xml?hour=9", site_table="sites.xml", attempts=2)
    return transit.DETECTORS


def _feed(trial: Trial, root: str) -> str:
    test_gtfs_run.stops(trial, f"{root}{test_gtfs_run.FEED}")
    return test_gtfs_run.STOPS


FILE = {"format": {"type": "json", "records": "data.rows"}, "envelope": {"field": "code", "success": [200]}}
PROTOCOLS: dict[str, Declare] = {
    "http": _cases(connector="http", url="/gov/hotline?page=1&rows=300", **FILE),
    "rest_paged": _keyed,
    "ckan": _cases(connector="ckan", url="/ckan", resource="hotline-cases", mode="datastore"),
    "ckan by offset": _cases(connector="ckan", url="/ckan-2.9", resource="hotline-cases", mode="datastore"),
    "socrata": _cases(connector="socrata", url="/soda", dataset="hotl-ines", size=100),
    "arcgis": _cases(connector="arcgis", url="/arcgis/rest/services/Cases/FeatureServer"),
    "sensorthings": _observations,
    "openaq": _hours,
    "ngsi_ld": _entities,
    "gtfs": _feed,
    "gtfs_rt": _vehicles,
    "datex2": _detectors,
}

ODD = [
    "gzip",
    "gzip_parts",
    "skew",
    "wrong_type",
    "slow:2",
    "429:1",
    "503:1",
    "cut:1",
    "gzip_cut:1",
    "304:1",
    "login:1",
]
"""What is the same in another dress, or heals when it is asked again."""
TOLD = ["404", "elsewhere", "304", "gzip_cut", "cut:1+", "503:1+", "login", "gbk"]
"""What does not heal."""
SECOND_PAGES = {"arcgis": 4, "sensorthings": 2}
"""The request that asks for the second page."""


@pytest.fixture(autouse=True)
def _connected(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CITYLAKE_CONN_SZ", json.dumps({"params": {"appKey": APP_KEY}}))
    monkeypatch.setenv("CITYLAKE_CONN_OPENAQ", json.dumps({"headers": {"X-API-Key": "any"}}))
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


def table(trial: Trial, name: str) -> pl.DataFrame:
    """What the standard zone holds, whenever and whence it came."""
    found = trial.standard(name).select(pl.exclude("^_.*$"))
    return found.sort(found.columns)


@pytest.fixture(scope="module")
def whole(standin: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pl.DataFrame]:
    """The table of a protocol without faults."""
    found: dict[str, pl.DataFrame] = {}

    def read(protocol: str) -> pl.DataFrame:
        if protocol not in found:
            trial = Trial(tmp_path_factory.mktemp("whole"))
            declare_packs(trial.root / "workspace", extends=DEMO)
            name = PROTOCOLS[protocol](trial, standin)
            assert trial.run().exit_code == 0
            found[protocol] = table(trial, name)
        return found[protocol]

    return read


def ran(trial: Trial, standin: str, protocol: str, fault: str) -> tuple[Any, str]:
    """The outcome of a run under ``fault``, and the dataset's name."""
    name = PROTOCOLS[protocol](trial, f"{standin}/with/{fault}@matrix-{protocol.replace(' ', '-')}")
    return trial.run(), name


@pytest.mark.parametrize(("fault", "protocol"), rotated(ODD, PROTOCOLS, 3))
def test_what_is_odd_or_heals_changes_no_row(
    trial: Trial, standin: str, whole: Callable[[str], pl.DataFrame], protocol: str, fault: str
) -> None:
    outcome, name = ran(trial, standin, protocol, fault)
    assert outcome.exit_code == 0
    assert whole(protocol).height > 5
    assert table(trial, name).equals(whole(protocol))


@pytest.mark.parametrize(("fault", "protocol"), rotated(TOLD, PROTOCOLS, 3))
def test_what_does_not_heal_is_told_and_nothing_is_sealed(
    trial: Trial, standin: str, protocol: str, fault: str
) -> None:
    outcome, name = ran(trial, standin, protocol, fault)
    told = trial.dataset(outcome, name)
    assert (outcome.exit_code, told["status"] in ("failed", "held", "incomplete")) == (2, True)
    assert [problem["code"] for problem in told["problems"]]
    assert not Path(trial.lake.standard(name)).exists()


@pytest.mark.parametrize(
    ("fault", "protocol"), rotated([fault for fault in SERVICE_FAULTS if fault != "renamed_column"], SECOND_PAGES)
)
def test_whatever_a_service_does_the_table_is_whole_or_nothing_is_sealed(
    trial: Trial, standin: str, whole: Callable[[str], pl.DataFrame], protocol: str, fault: str
) -> None:
    outcome, name = ran(trial, standin, protocol, f"{fault}:{SECOND_PAGES[protocol]}+")
    sealed = Path(trial.lake.standard(name)).exists()
    assert (outcome.exit_code, sealed) in ((0, True), (2, False))
    assert not sealed or table(trial, name).equals(whole(protocol))
