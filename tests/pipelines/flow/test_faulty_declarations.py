"""A declaration with a fault fails with what depends on it, and every other one runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.schemas.lint.valid_registry import load_sound_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import declare_packs
from tests.trial import Trial

GOOD, OTHER = "traffic.good", "traffic.other"
ELEMENT = """
- id: traffic.own
  symbol: own
  name: {zh: 自有, en: own}
  definition: {zh: 自有, en: own}
  object_class: 路段
  property: 编号
  representation: number
  type: string
  format: an..32
  steward: 交通局
"""


def contract(dataset: str, element: str = "traffic.device_code", **more: Any) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "交通局"},
        "source": {"connector": "files", "path": "${WORKSPACE}/../in/*.csv", "format": "csv"},
        "fields": {"device": {"element": element}},
        "write": {"mode": "append"},
        **more,
    }


@pytest.fixture
def city(tmp_path: Path) -> Trial:
    trial = Trial(tmp_path)
    declare_packs(tmp_path / "workspace")
    trial.declare("datasets/traffic/good", contract(GOOD))
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x.csv").write_text("device\nD1\n", "utf-8")
    return trial


def run(trial: Trial, **chosen: Any) -> RunOutcome:
    registry, this = load_sound_registry(trial.root / "workspace"), new_run()
    context = RunContext(registry, trial.lake, trial.ledger, this, run_variables(registry, this))
    return run_pipeline(context, **chosen)


def statuses(outcome: RunOutcome) -> dict[str, str]:
    return {entry["dataset"]: entry["status"] for entry in outcome.document["datasets"]}


FILES: dict[str, Callable[[Path], Any]] = {
    "no YAML": lambda path: path.write_text("dataset: traffic.other\ntitle: {zh: [", "utf-8"),
    "another encoding": lambda path: path.write_bytes("dataset: traffic.other\ntitle: 数据".encode("gbk")),
    "nested without end": lambda path: path.write_text("dataset: traffic.other\nx: " + "[" * 500_000, "utf-8"),
    "a folder": lambda path: path.mkdir(),
    "a circle of links": lambda path: path.symlink_to(path.name),
    "a pipe": lambda path: os.mkfifo(path),
    "a list": lambda path: path.write_text("- a\n- b\n", "utf-8"),
    "nothing": lambda path: path.write_bytes(b""),
    "an unknown key": lambda path: path.write_text("dataset: traffic.other\nwrong: 1\n", "utf-8"),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_read_fails_alone(city: Trial, fault: str) -> None:
    FILES[fault](city.root / "workspace/datasets/traffic/other.yaml")
    outcome = run(city)
    assert outcome.exit_code == 3
    (name,) = statuses(outcome).keys() - {GOOD}
    assert name in (OTHER, "other")
    assert statuses(outcome) == {GOOD: "committed", name: "failed"}
    (problem,) = city.dataset(outcome, name)["problems"]
    assert (problem["code"], "other.yaml:" in problem["text"]["en"]) == ("DECLARATION_FAULTY", True)
    assert set(city.ledger.read("batches")["status"]) == {"committed", "failed"}


def test_two_contracts_of_one_dataset_both_fail(city: Trial) -> None:
    for name in ("other", "another"):
        city.declare(f"datasets/traffic/{name}", contract(OTHER))
    assert statuses(run(city)) == {GOOD: "committed", OTHER: "failed"}


def test_a_broken_element_fails_what_uses_it_and_no_more(city: Trial) -> None:
    city.declare("elements/own", ELEMENT)
    city.declare("datasets/traffic/other", contract(OTHER, "traffic.own"))
    assert statuses(run(city)) == {GOOD: "committed", OTHER: "committed"}
    for broken in (ELEMENT.replace("  type: string\n", ""), ELEMENT + "  }: {"):
        city.declare("elements/own", broken)
        outcome = run(city)
        assert statuses(outcome) == {GOOD: "unchanged", OTHER: "failed"}
        assert any("own.yaml" in problem["text"]["en"] for problem in outcome.document["declarations"])


def test_a_broken_element_is_not_replaced_by_that_of_a_pack(city: Trial) -> None:
    city.declare("datasets/traffic/other", contract(OTHER, "traffic.flow"))
    own = ELEMENT.replace("traffic.own", "traffic.flow").replace("  type: string\n", "")
    city.declare("elements/own", own)
    assert statuses(run(city)) == {GOOD: "committed", OTHER: "failed"}


def test_what_refers_to_a_faulty_dataset_fails_with_it(city: Trial) -> None:
    references = [{"columns": ["device_code"], "dataset": OTHER, "keys": ["device_code"]}]
    city.declare("datasets/traffic/referring", contract("traffic.referring", references=references))
    city.declare("datasets/traffic/other", contract(OTHER, "traffic.unknown"))
    outcome = run(city)
    assert statuses(outcome) == {GOOD: "committed", OTHER: "failed", "traffic.referring": "failed"}


def test_a_mart_with_a_fault_fails_and_the_datasets_run(city: Trial) -> None:
    city.declare("marts/broken/mart", "mart: broken\ntables: [")
    outcome = run(city)
    assert statuses(outcome) == {GOOD: "committed"}
    assert [(mart["mart"], mart["status"]) for mart in outcome.document["marts"]] == [("broken", "failed")]
    assert outcome.exit_code == 3


def test_only_what_is_asked_for_is_reported(city: Trial) -> None:
    city.declare("datasets/traffic/other", contract(OTHER, "traffic.unknown"))
    outcome = run(city, datasets=[GOOD])
    assert (outcome.exit_code, statuses(outcome)) == (0, {GOOD: "committed"})
    assert statuses(run(city, datasets=[OTHER])) == {OTHER: "failed"}


def test_a_workspace_of_which_nothing_can_run_is_refused(city: Trial) -> None:
    city.declare("datasets/traffic/good", contract(GOOD, "traffic.unknown"))
    with pytest.raises(CitylakeError) as caught:
        load_sound_registry(city.root / "workspace")
    assert caught.value.code == "DECLARATIONS_INVALID"


def test_a_task_of_a_faulty_dataset_says_why(city: Trial) -> None:
    city.declare("datasets/traffic/other", contract(OTHER, "traffic.unknown"))
    registry = load_sound_registry(city.root / "workspace")
    assert registry.contract(GOOD).dataset == GOOD
    with pytest.raises(CitylakeError, match="ELEMENT_UNKNOWN"):
        registry.contract(OTHER)
