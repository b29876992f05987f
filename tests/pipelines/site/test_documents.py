from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.records import DataGap
from citylake.pipelines.site import Site
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.site.conftest import FIRST, SECRET, Clock, declared
from tests.set_pointer import set_pointer
from tests.trial import Trial


def entry(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in document["datasets"] if each["dataset"] == name)
    return dict(found)


def test_every_declared_dataset_stands_under_its_department_also_one_that_never_came(site: Site) -> None:
    found = site.overview()
    assert [(each["department"], each["dataset"]) for each in found["datasets"]] == [
        ("市交通运输局", "traffic.counts"),
        ("市公安局", "person.register"),
        ("市水务局", "water.gauge"),
    ]
    assert entry(found, "water.gauge")["status"] == "never"
    assert entry(found, "water.gauge")["freshness"]["late"] is None


def test_the_overview_says_what_status_says(site: Site, lake: Trial) -> None:
    told = {each["dataset"]: each for each in lake.ledger.status()["datasets"]}
    for name, said in told.items():
        assert said.items() <= entry(site.overview(), name).items()


def test_a_held_batch_is_named_with_its_reason_and_what_to_do(site: Site) -> None:
    counts = entry(site.overview(), "traffic.counts")
    assert counts["status"] == "held"
    assert len(counts["held"]) == 1
    assert [problem["code"] for problem in counts["problems"]] == ["ROWS_TOO_FEW", "DATA_STALE"]
    assert site.overview()["counts"] == {"late": 1, "held": 1, "never": 1, "waiting": 2}


def test_freshness_is_that_of_committed_rows_and_late_by_the_contract(site: Site) -> None:
    fresh = entry(site.overview(), "traffic.counts")["freshness"]
    # The row of 3 March is held: it makes nothing fresh.
    assert fresh["newest"] == "2026-03-01T00:00:00+00:00"
    assert (fresh["allowed"], fresh["late"]) == ("26h", True)
    assert entry(site.overview(), "person.register")["freshness"]["late"] is None


def test_a_dataset_tells_its_batches_receipts_and_checks_the_newest_first(site: Site) -> None:
    found = site.dataset("traffic.counts")
    assert [batch["status"] for batch in found["batches"]] == ["held", "committed"]
    first = found["batches"][-1]
    assert (first["rows_in"], first["rows_standard"], first["rows_quarantined"]) == (3, 2, 1)
    assert [(issue["code"], issue["rows"]) for issue in first["issues"]] == [("VALUE_UNREADABLE", 1)]
    assert [receipt["proof"] for receipt in found["receipts"] if receipt["status"] == "received"] == ["bytes", "bytes"]
    assert [check["passed"] for check in found["checks"] if check["name"] == "rows.min"] == [False]


def test_a_run_is_told_as_the_run_itself_told_it(trial: Trial, sites: Callable[[Path], Site]) -> None:
    declared(trial)
    (trial.root / "counts/1.csv").write_text(FIRST, "utf-8")
    told = trial.run(datasets=["traffic.counts"]).document
    found = sites(trial.root).run(told["run"]["id"])
    (was,), (now,) = told["datasets"], found["datasets"]
    for key in ("status", "batch", "rows_in", "rows_standard", "rows_quarantined", "issues", "days", "problems"):
        assert now[key] == was[key], key
    assert [check["name"] for check in now["checks"]] == [check["name"] for check in was["checks"]]
    assert found["run"]["exit_code"] == told["run"]["exit_code"]
    assert [mart["version"] for mart in found["marts"]] == [mart["version"] for mart in told["marts"]]


def test_a_run_of_one_dataset_leaves_out_what_else_has_its_name(site: Site) -> None:
    run = site.dataset("person.register")["batches"][0]["run"]
    assert {each["dataset"] for each in site.run(run)["datasets"]} == {"traffic.counts", "person.register"}
    alone = site.run(run, ("dataset", "person.register"))
    assert ([each["dataset"] for each in alone["datasets"]], alone["marts"]) == (["person.register"], [])


def test_a_run_that_nobody_made_has_nothing(site: Site) -> None:
    found = site.run("no-such-run")
    assert (found["datasets"], found["marts"], found["run"]["exit_code"]) == ([], [], 0)


def test_values_of_refused_rows_are_shown_of_open_elements_only(site: Site) -> None:
    run = site.dataset("person.register")["batches"][0]["run"]
    found = site.run(run)
    assert [reason["examples"] for reason in entry(found, "traffic.counts")["fields"]] == [["<i>x"]]
    closed = entry(found, "person.register")["fields"]
    assert closed
    assert {(reason["rows"], reason["examples"]) for reason in closed} == {(1, None)}
    assert SECRET not in json.dumps(found, ensure_ascii=False)


def test_a_marts_versions_stand_with_what_readers_have(site: Site, lake: Trial) -> None:
    (mart,) = site.marts()["marts"]
    now = mart_pointer.read_pointer(lake.lake, "counts")
    assert now
    assert (mart["version"], mart["rows"], mart["incomplete"]) == (now.version, {"device_day": 1}, [])
    assert [each["version"] for each in mart["versions"]] == [now.version]


def test_a_version_says_which_departments_days_it_lacks(trial: Trial, sites: Callable[[Path], Site]) -> None:
    from dataclasses import replace
    from datetime import date

    declared(trial)
    (trial.root / "counts/1.csv").write_text(FIRST, "utf-8")
    trial.run(datasets=["traffic.counts"])
    now = mart_pointer.read_pointer(trial.lake, "counts")
    assert now
    gap = DataGap("water.gauge", "市水务局", ((date(2026, 3, 1), date(2026, 3, 2)),))
    set_pointer(trial.lake, replace(now, incomplete=(gap,)))
    (mart,) = sites(trial.root).marts()["marts"]
    assert mart["incomplete"] == [
        {"dataset": "water.gauge", "department": "市水务局", "days": [["2026-03-01", "2026-03-02"]]}
    ]


def test_what_a_reader_may_not_see_is_nowhere(site: Site) -> None:
    def sees(_kind: str, name: str) -> bool:
        return name == "person.register"

    run = site.dataset("person.register")["batches"][0]["run"]
    for document in (site.overview(sees), site.run(run, sees=sees), site.marts(sees)):
        told = json.dumps(document, ensure_ascii=False, default=str)
        assert "traffic" not in told
        assert "device_day" not in told
    with pytest.raises(CitylakeError, match=r"traffic\.counts") as error:
        site.dataset("traffic.counts", sees)
    assert error.value.values["known"] == "person.register"


def test_a_dataset_that_is_neither_declared_nor_in_the_ledger_is_told_to_be_unknown(site: Site) -> None:
    with pytest.raises(CitylakeError) as error:
        site.dataset("no.such")
    assert error.value.code == "DATASET_UNKNOWN"


def test_a_lake_in_which_nothing_ran_has_pages_too(trial: Trial, sites: Callable[[Path], Site]) -> None:
    site = sites(declared(trial).root)
    assert {each["status"] for each in site.overview()["datasets"]} == {"never"}
    assert site.dataset("traffic.counts")["batches"] == []
    assert site.marts()["marts"][0]["version"] is None


def test_the_lake_is_asked_again_only_after_a_few_seconds(
    trial: Trial, sites: Callable[[Path], Site], clock: Clock
) -> None:
    site = sites(declared(trial).root)
    (trial.root / "counts/1.csv").write_text(FIRST, "utf-8")
    before = site.overview()
    trial.run(datasets=["traffic.counts"])
    clock.move(4)
    assert site.overview() == before
    clock.move(2)
    assert entry(site.overview(), "traffic.counts")["status"] == "committed"


def test_a_contract_that_comes_later_is_on_the_pages_without_a_restart(
    trial: Trial, sites: Callable[[Path], Site], clock: Clock
) -> None:
    site = sites(declared(trial).root)
    assert len(site.overview()["datasets"]) == 3
    text = (trial.root / "workspace/datasets/gauge.yaml").read_text("utf-8")
    trial.declare("datasets/second", text.replace("water.gauge", "water.second"))
    clock.move(6)
    assert len(site.overview()["datasets"]) == 4
