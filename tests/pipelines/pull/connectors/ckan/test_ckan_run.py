"""``ckan`` through the whole run, over the stand-in portal."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.generate import stations
from citylake.infra.city.serve.city_server import serve_city
from tests.pipelines.pull.connectors.portals import DATASET, TOLD, another, change, copied, declare, held, last
from tests.pipelines.pull.connectors.rotation import rotated

TABLE: dict[str, Any] = {"connector": "ckan", "resource": "hotline-cases", "mode": "datastore"}


@pytest.mark.parametrize(("portal", "proof"), [("ckan", "keyset"), ("ckan-2.9", "count")])
def test_a_table_comes_whole_by_key_or_by_offset(
    trial: Any, standin: str, standin_folder: Path, portal: str, proof: str
) -> None:
    declare(trial, url=f"{standin}/{portal}/", **TABLE)
    assert trial.run().exit_code == 0
    receipt, rows = last(trial), len(held(standin_folder))
    assert (receipt["status"], receipt["declared_count"], receipt["stored_count"]) == ("received", rows, rows)
    assert (receipt["proof"], len(receipt["landing"])) == (proof, 1 + -(-rows // 100))


PORTALS = ["ckan", "ckan-2.9"]
HEALED = ["text_counts", "gzip", "wrong_type", "skew", "429:2", "503:3", "cut:3", "slow:2"]
MOVED = ("repeated_page", "renamed_column", "shift:3+")
"""What pages by key and pages by offset are told of in ways of their own."""


@pytest.mark.parametrize(
    ("fault", "portal"), [*product(["short_page", "past_end"], PORTALS), *rotated(HEALED, PORTALS)]
)
def test_faults_that_heal_cost_no_row(trial: Any, standin: str, standin_folder: Path, fault: str, portal: str) -> None:
    declare(trial, url=f"{standin}/with/{fault}@{portal}/{portal}", **TABLE)
    assert trial.run().exit_code == 0
    assert last(trial)["stored_count"] == len(held(standin_folder))


@pytest.mark.parametrize(
    ("fault", "portal"),
    [*product(MOVED, PORTALS), *rotated([fault for fault in [*TOLD, "gbk:2+"] if fault not in MOVED], PORTALS)],
)
def test_faults_that_do_not_heal_are_told_and_nothing_goes_further(
    trial: Any, standin: str, fault: str, portal: str
) -> None:
    declare(trial, url=f"{standin}/with/{fault}@told{portal}/{portal}", attempts=1, **TABLE)
    assert trial.run().exit_code == 2
    receipt = last(trial)
    assert (receipt["status"], receipt["code"]) == (
        "failed" if fault == "gbk:2+" else "incomplete",
        TOLD.get(fault, "HTTP_NOT_JSON"),
    )
    assert not trial.ledger.states(DATASET)
    assert trial.lake.fs.glob(f"{trial.lake.standard(DATASET)}/*.parquet") == []


def test_a_pull_that_broke_off_goes_on_behind_the_last_key(trial: Any, standin: str, standin_folder: Path) -> None:
    declare(trial, url=f"{standin}/with/503:4@resumed/ckan", attempts=1, **TABLE)
    assert trial.run().exit_code == 2
    assert (last(trial)["status"], last(trial)["stored_count"]) == ("incomplete", 200)
    assert trial.run().exit_code == 0
    rows = len(held(standin_folder))
    assert (last(trial)["declared_count"], last(trial)["stored_count"]) == (rows, rows)


def test_the_table_and_its_file_hold_the_same_rows(trial: Any, standin: str) -> None:
    found = []
    for mode in ({"mode": "datastore"}, {"mode": "file", "format": "csv"}, {"mode": "auto", "format": "csv"}):
        declare(trial, connector="ckan", url=f"{standin}/ckan", package="city", name="hotline cases", **mode)
        assert trial.run().exit_code == 0
        found.append(trial.standard(DATASET).select(pl.exclude("^_.*$")).sort("case_no"))
        shutil.rmtree(trial.lake.url)
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_a_file_is_sent_again_only_where_it_has_changed(trial: Any, standin_folder: Path, tmp_path: Path) -> None:
    folder, name = copied(standin_folder, tmp_path / "city"), "environment.air_stations"
    with serve_city(folder) as url:
        declare(trial, name, connector="ckan", url=f"{url}/ckan", resource="air-stations", format="json")
        seen = []
        for _ in range(2):
            trial.run()
            seen.append(trial.receipts(name)[-1]["status"])
        path = folder / stations.STATIONS_FILE
        path.write_text(path.read_text("utf-8") + " ", "utf-8")
        trial.run()
        seen.append(trial.receipts(name)[-1]["status"])
    assert seen == ["received", "unchanged", "received"]
    assert trial.standard(name).height > 0


def test_a_web_page_that_calls_itself_csv_is_told(trial: Any, standin: str) -> None:
    declare(trial, connector="ckan", url=f"{standin}/ckan", resource="login", format="csv")
    outcome = trial.run()
    assert outcome.exit_code != 0
    assert trial.dataset(outcome, DATASET)["problems"][0]["code"] == "FILE_IS_HTML"


def test_incremental_takes_what_was_appended_and_all_of_a_new_table(
    trial: Any, standin_folder: Path, tmp_path: Path
) -> None:
    folder = copied(standin_folder, tmp_path / "city")
    rows = len(held(folder))
    with serve_city(folder) as url:
        declare(trial, url=f"{url}/ckan", incremental="_id", **TABLE)
        trial.run()
        assert trial.ledger.states(DATASET)["hotline-cases"]["_id"] == rows
        trial.run()
        assert last(trial)["status"] == "unchanged"
        change(folder, lambda cases: cases.extend([another(1, ssqx=cases[0]["ssqx"]), another(2)]))
        trial.run()
        assert (last(trial)["declared_count"], last(trial)["stored_count"]) == (2, 2)
        change(folder, lambda cases: cases.reverse())
        trial.run()
        assert last(trial)["stored_count"] == rows + 2
    assert trial.standard(DATASET)["case_no"].is_unique().all()
    assert "LH20260226000001" in trial.standard(DATASET)["case_no"]


def test_incremental_state_stays_where_the_pull_is_not_whole(trial: Any, standin_folder: Path, tmp_path: Path) -> None:
    folder = copied(standin_folder, tmp_path / "city")
    with serve_city(folder) as url:
        source = {**TABLE, "incremental": "_id", "attempts": 1}
        declare(trial, url=f"{url}/with/login:8@half/ckan", **source)
        trial.run()
        before = trial.ledger.states(DATASET)
        change(folder, lambda cases: cases.append(another(1)))
        assert trial.run().exit_code == 2
        assert trial.ledger.states(DATASET) == before
        assert trial.run().exit_code == 0
        assert (last(trial)["stored_count"], last(trial)["status"]) == (1, "received")
