"""``socrata`` through the whole run, over the stand-in portal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.serve.city_server import serve_city
from tests.pipelines.pull.connectors.portals import DATASET, TOLD, another, change, copied, declare, held, last
from tests.pipelines.pull.connectors.rotation import rotated

CASES: dict[str, Any] = {"connector": "socrata", "dataset": "hotl-ines", "size": 100}


@pytest.fixture(autouse=True)
def _app_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_SODA", json.dumps({"headers": {"X-App-Token": "hush-hush"}}))


@pytest.mark.parametrize("version", ["2.1", "3"])
def test_a_dataset_comes_whole_in_the_order_of_its_ids(
    trial: Any, standin: str, standin_folder: Path, version: str
) -> None:
    declare(trial, url=f"{standin}/soda/", version=version, connection="soda", **CASES)
    assert trial.run().exit_code == 0
    receipt, rows = last(trial), len(held(standin_folder))
    assert (receipt["status"], receipt["proof"]) == ("received", "count")
    assert (receipt["declared_count"], receipt["stored_count"]) == (rows, rows)
    assert "hush-hush" not in repr(trial.receipts(DATASET))


def test_version_3_without_a_token_is_refused_in_the_portals_words(trial: Any, standin: str) -> None:
    declare(trial, url=f"{standin}/soda", version="3", **CASES)
    assert trial.run().exit_code == 2
    problem = json.loads(last(trial)["problems"])[0]
    assert problem["values"]["message"] == "permission_denied: An application token or a login is needed"


HEALED = ["short_page", "text_counts", "gzip", "wrong_type", "skew", "429:2", "503:3", "cut:3", "slow:2"]


@pytest.mark.parametrize("fault", HEALED)
def test_faults_that_heal_cost_no_row(trial: Any, standin: str, standin_folder: Path, fault: str) -> None:
    declare(trial, url=f"{standin}/with/{fault}@soda/soda", **CASES)
    assert trial.run().exit_code == 0
    assert last(trial)["stored_count"] == len(held(standin_folder))


@pytest.mark.parametrize(("fault", "version"), rotated([*TOLD, "gbk:3+"], ["2.1", "3"]))
def test_faults_that_do_not_heal_are_told_and_nothing_goes_further(
    trial: Any, standin: str, fault: str, version: str
) -> None:
    url = f"{standin}/with/{fault}@told{version}/soda"
    declare(trial, url=url, version=version, connection="soda", attempts=1, **CASES)
    assert trial.run().exit_code == 2
    assert (last(trial)["status"], last(trial)["code"]) == ("incomplete", TOLD.get(fault, "HTTP_NOT_JSON"))
    assert trial.lake.fs.glob(f"{trial.lake.standard(DATASET)}/*.parquet") == []


@pytest.mark.parametrize("dataset", ["hotl-ines", "void-void"])
def test_a_declared_column_is_in_the_raw_zone_though_no_row_has_it(trial: Any, standin: str, dataset: str) -> None:
    declare(trial, url=f"{standin}/soda", **{**CASES, "dataset": dataset})
    assert trial.run().exit_code == 0
    raw = pl.read_parquet(f"{trial.lake.raw(DATASET, last(trial)['id'])}/*.parquet")
    assert raw.schema["bz"] == pl.String
    assert raw["bz"].null_count() == raw.height


def test_a_type_that_the_contract_does_not_expect_is_noticed(trial: Any, standin: str) -> None:
    declare(trial, url=f"{standin}/soda", format={"type": "portal", "types": {"myd": "text", "slsj": "x"}}, **CASES)
    told = trial.dataset(trial.run(), DATASET)["problems"]
    assert [problem["code"] for problem in told] == ["PORTAL_RETYPED"]
    assert "myd: text → number, slsj: x → floating_timestamp" in told[0]["text"]["en"]


def test_columns_and_rows_may_be_chosen(trial: Any, standin: str, standin_folder: Path) -> None:
    columns = ["ajbh", "slsj", "bjsj", "ssqx", "sqlx", "sqfl", "ajzt", "myd"]
    declare(trial, url=f"{standin}/soda", select=columns, where="ajzt = '办理中'", **CASES)
    assert trial.run().exit_code == 0
    assert last(trial)["stored_count"] == sum(case["ajzt"] == "办理中" for case in held(standin_folder))


def test_a_pull_that_broke_off_goes_on_behind_the_last_id(trial: Any, standin: str, standin_folder: Path) -> None:
    declare(trial, url=f"{standin}/with/503:4@broken/soda", attempts=1, **CASES)
    assert trial.run().exit_code == 2
    assert trial.run().exit_code == 0
    rows = len(held(standin_folder))
    assert (last(trial)["declared_count"], last(trial)["stored_count"]) == (rows, rows)


def test_incremental_takes_what_was_updated_once_and_a_little_before(
    trial: Any, standin_folder: Path, tmp_path: Path
) -> None:
    folder = copied(standin_folder, tmp_path / "city")
    with serve_city(folder) as url:
        declare(trial, url=f"{url}/soda", incremental=":updated_at", **CASES)
        assert trial.run().exit_code == 0
        before = trial.ledger.states(DATASET)["hotl-ines"]["updated_at"]
        trial.run()
        known = last(trial)["stored_count"]
        assert known < 10
        change(folder, lambda cases: cases.insert(0, another(1, bjsj="2026-03-31 00:00:00", ssqx=cases[0]["ssqx"])))
        assert trial.run().exit_code == 0
        assert (last(trial)["declared_count"], last(trial)["stored_count"]) == (known + 1, known + 1)
        assert trial.ledger.states(DATASET)["hotl-ines"]["updated_at"] == "2026-03-31T00:00:00.000Z" > before
    assert "LH20260226000001" in trial.standard(DATASET)["case_no"]


def test_a_state_that_cannot_be_read_is_told(trial: Any, standin: str) -> None:
    declare(trial, url=f"{standin}/soda", incremental=":updated_at", **CASES)
    ledger = trial.ledger
    ledger.set_state(DATASET, "hotl-ines", {"updated_at": "yesterday"})
    ledger.flush()
    assert trial.run().exit_code == 2
    assert last(trial)["code"] == "STATE_UNREADABLE"
