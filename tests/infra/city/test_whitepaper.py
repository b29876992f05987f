"""The whole city: every system of the white paper runs, what was planted is found, and each figure is the true one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.domains.city_domain import city_domains
from citylake.infra.city.generate import TRUTH_FILE
from citylake.infra.city.standing_city import standing_city
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE, PaperSystem, paper_systems
from citylake.infra.city.whitepaper.system_table import SystemResult, system_results
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.serve.mart_tools import MartTools
from citylake.pipelines.site.report.build_report import build_report
from citylake.pipelines.site.report.report_ledger import plain_value
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO

pytestmark = pytest.mark.timeout(1200)
"""The first test that needs the city pays for the run of more than a hundred datasets."""

REGISTRY = load_registry(WHITEPAPER_WORKSPACE)
SYSTEMS = paper_systems()
NEW_DATASETS = sorted(REGISTRY.contracts.keys() - load_registry(DEMO).contracts.keys())
ROWS_OF_THE_PAPER = 23
RAW_LINE = "_line"


@dataclass(frozen=True)
class Ran:
    lake: Lake
    truth: dict[str, Any]
    outcome: RunOutcome
    results: Mapping[str, SystemResult]

    def dataset(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.outcome.document["datasets"] if entry["dataset"] == name)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("whitepaper")
    lake = Lake(str(folder / "lake"))
    with standing_city(folder / "data", None, list(city_domains().values())) as places:
        this = new_run()
        context = RunContext(REGISTRY, lake, Ledger(lake), this, run_variables(REGISTRY, this, places))
        outcome = run_pipeline(context)
    truth = json.loads((folder / "data" / TRUTH_FILE).read_text("utf-8"))
    results = {each.system.system: each for each in system_results(folder / "data", folder / "lake", SYSTEMS)}
    return Ran(lake, truth, outcome, results)


def test_every_row_of_the_paper_has_a_system() -> None:
    assert {system.row for system in SYSTEMS} == set(range(1, ROWS_OF_THE_PAPER + 1))


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.system)
def test_a_system_names_declarations_that_exist(system: PaperSystem) -> None:
    assert set(system.datasets) <= REGISTRY.contracts.keys()
    assert set(system.packs) <= set(REGISTRY.workspace.pack_names)
    mart = REGISTRY.marts[system.mart]
    assert system.question in [question.id for question in mart.questions]
    tests = [mart_file(system.mart).parent / f"{table}.test.yaml" for table in mart.tables]
    assert any(file.exists() for file in tests)


def mart_file(mart: str) -> Path:
    return REGISTRY.places["mart", mart].path


def test_every_new_dataset_and_mart_belongs_to_a_system() -> None:
    assert set(NEW_DATASETS) <= {dataset for system in SYSTEMS for dataset in system.datasets}
    new_marts = REGISTRY.marts.keys() - load_registry(DEMO).marts.keys()
    assert new_marts <= {system.mart for system in SYSTEMS}


@pytest.mark.parametrize("name", NEW_DATASETS)
def test_every_dataset_has_an_owner_and_a_deadline(name: str) -> None:
    contract = REGISTRY.contracts[name]
    assert contract.owner.department
    assert contract.owner.steward
    assert contract.schedule is not None


def test_the_run_ends_well(ran: Ran) -> None:
    held = [(entry["dataset"], entry["problems"]) for entry in ran.outcome.document["datasets"] if entry["problems"]]
    assert ran.outcome.exit_code == 0, held
    assert {batch.status for batch in ran.outcome.batches} == {"committed"}


def test_every_dataset_of_the_city_is_in_the_truth(ran: Ran) -> None:
    assert set(REGISTRY.contracts) == set(ran.truth["datasets"])


@pytest.mark.parametrize("name", NEW_DATASETS)
def test_every_row_is_accounted_for_as_planted(ran: Ran, name: str) -> None:
    found, truth = ran.dataset(name), ran.truth["datasets"][name]
    counts = {key: found[f"rows_{key}"] for key in ("in", "standard", "quarantined", "duplicate", "superseded")}
    assert counts == {
        "in": truth["rows"],
        "standard": truth["standard"] - truth["unchanged"],
        "quarantined": truth["quarantined"],
        "duplicate": truth["duplicates"] + truth["unchanged"],
        "superseded": truth["superseded"],
    }


@pytest.mark.parametrize("name", NEW_DATASETS)
def test_the_issues_are_those_that_were_planted(ran: Ran, name: str) -> None:
    assert {entry["code"]: entry["rows"] for entry in ran.dataset(name)["issues"]} == ran.truth["datasets"][name][
        "issues"
    ]


@pytest.mark.parametrize("name", NEW_DATASETS)
def test_each_refused_row_is_one_that_was_spoiled_with_just_its_reasons(ran: Ran, name: str) -> None:
    faults = ran.truth["datasets"][name]["faults"]
    refused = pl.read_delta(ran.lake.quarantine(name)).select("_source", "raw", "codes").rows()
    planted = Counter(_named(fault["source"], fault["where"], fault["issues"], faults) for fault in faults)
    assert planted
    assert Counter(_named(source, json.loads(raw), codes, faults) for source, raw, codes in refused) == planted


def _named(source: str, fields: dict[str, Any], codes: list[str], faults: list[Any]) -> tuple[Any, ...]:
    if RAW_LINE in fields:
        # A record that the reader could not split: the quarantine has its text alone.
        return (source, fields[RAW_LINE], tuple(sorted(codes)))
    key = list(next(fault["where"] for fault in faults if RAW_LINE not in fault["where"]))
    from_files = bool(faults[0]["source"])
    return (source if from_files else "", *(fields[name] for name in key), tuple(sorted(codes)))


def test_every_mart_is_published(ran: Ran) -> None:
    states = {entry["mart"]: (entry["status"], entry["problems"]) for entry in ran.outcome.document["marts"]}
    assert set(states) == set(REGISTRY.marts)
    assert {name: state for name, state in states.items() if state[0] != "published"} == {}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.system)
def test_the_figure_of_a_system_is_the_true_one(ran: Ran, system: PaperSystem) -> None:
    found = ran.results[system.system]
    assert found.true is not None
    assert found.figure == found.true


@pytest.fixture(scope="module")
def site(ran: Ran, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_report(ran.lake, REGISTRY, str(folder), charts=False)
    return folder


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.system)
def test_the_page_of_a_system_answers_its_question(ran: Ran, site: Path, system: PaperSystem) -> None:
    document = json.loads((site / "data/marts" / f"{system.mart}.json").read_text("utf-8"))
    asked = next(each for each in document["questions"] if each["id"] == system.question)
    assert asked["problem"] is None
    if REGISTRY.marts[system.mart].highest == Sensitivity():
        assert asked["answer"]["rows"][0][0] == plain_value(ran.results[system.system].true)
    for language in ("zh", "en"):
        page = (site / language / "marts" / f"{system.mart}.html").read_text("utf-8")
        assert f'id="question-{system.question}"' in page


def test_an_assistant_answers_with_the_figure_of_a_mart_its_version_and_its_trace(ran: Ran) -> None:
    tools = MartTools(ran.lake, registry=REGISTRY)
    asked = next(each for each in tools.find("失效的知识条目", 20)["found"] if each["kind"] == "question")
    answer = tools.query(asked["mart"], asked["sql"], 10)
    assert answer["rows"] == [[ran.truth["answers"]["assistant_quality.stale_answers"]]]
    (key,) = tools.query(
        asked["mart"], "SELECT case_category, day FROM topic_day WHERE stale_answers > 0 ORDER BY ALL", 1
    )["rows"]
    place = dict(zip(("case_category", "day"), key, strict=True))
    traced = tools.trace(asked["mart"], "topic_day", place, "stale_answers", answer["version"], 3)
    assert traced["verified"] is True
    assert {each["dataset"] for each in traced["datasets"]} == {
        "government.assistant_dialogues",
        "government.knowledge_articles",
    }
