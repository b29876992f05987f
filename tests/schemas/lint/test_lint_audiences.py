"""Who may read: readers of marts, and sharing classes that gate what a mart draws on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from citylake.schemas.lint import lint_workspace
from citylake.schemas.lint.valid_registry import load_sound_registry
from citylake.schemas.model.reader_group import ReaderGroup
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.registry import load_registry
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.errors import CitylakeError
from tests.small_workspace import write_small_workspace

ROOT = Path(__file__).parents[3]
CONDITIONAL = "{class: conditional, condition: {zh: 仅限执法, en: for enforcement only}}"
CLOSED = "{class: none, basis: 某法第三条}"
OPEN = "{class: unconditional}"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_small_workspace(tmp_path / "city")


def change(city: Path, workspace: str = "", mart: str = "", dataset: str = "", element: str = "") -> None:
    for name, more in (("workspace.yaml", workspace), ("marts/air/mart.yaml", mart)):
        file = city / name
        file.write_text(f"{file.read_text('utf-8').rstrip()}\n{more}\n", "utf-8")
    contract, elements = city / "datasets/air/readings.yaml", city / "elements/air.yaml"
    if dataset:
        contract.write_text(f"{contract.read_text('utf-8').rstrip()}\nsharing: {dataset}\n", "utf-8")
    if element:
        text = elements.read_text("utf-8")
        elements.write_text(text.replace("- id: air.pm25\n", f"- id: air.pm25\n  sharing: {element}\n"), "utf-8")


def group(mode: str, more: str = "") -> str:
    return f'readers: {{analysts: {{group: analysts, mode: "{mode}"{more}}}}}'


OWN = ", departments: [生态环境局]"


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"workspace": group("0750")}, []),
        ({"mart": "readers: analysts"}, ["READERS_UNKNOWN"]),
        ({"workspace": group("0755"), "mart": "readers: analysts"}, []),
        ({"workspace": group("0755"), "mart": "readers: analysts\nhighest: {grade: L3}"}, ["MART_WORLD_READABLE"]),
        ({"workspace": group("0750"), "mart": "readers: analysts\nhighest: {grade: L3}"}, []),
        ({"workspace": group("0750"), "mart": "highest: {personal: ordinary}"}, ["MART_WITHOUT_READERS"]),
        ({"mart": "highest: {personal: ordinary}"}, []),
        ({"dataset": OPEN}, []),
        ({"dataset": "{class: none}"}, ["SHARING_WITHOUT_BASIS", "MART_SHARES_CLOSED_DATA"]),
        ({"dataset": "{class: conditional}"}, ["SHARING_WITHOUT_CONDITION", "MART_WITHOUT_AGREEMENT"]),
        ({"dataset": CONDITIONAL}, ["MART_WITHOUT_AGREEMENT"]),
        ({"dataset": CONDITIONAL, "mart": "agreement: {air.readings: 沪数共〔2026〕3 号}"}, []),
        ({"dataset": CLOSED}, ["MART_SHARES_CLOSED_DATA"]),
        ({"dataset": CLOSED, "mart": "agreement: {air.readings: 三号}"}, ["MART_SHARES_CLOSED_DATA"]),
        ({"dataset": CLOSED, "workspace": group("0750", OWN), "mart": "readers: analysts"}, []),
        (
            {"dataset": CLOSED, "workspace": group("0750", ", departments: [别局]"), "mart": "readers: analysts"},
            ["MART_SHARES_CLOSED_DATA"],
        ),
        ({"element": CLOSED}, ["MART_SHARES_CLOSED_DATA"]),
        ({"element": CLOSED, "dataset": OPEN}, ["SHARING_TOO_WIDE", "MART_SHARES_CLOSED_DATA"]),
        ({"element": "{class: none}"}, ["SHARING_WITHOUT_BASIS", "MART_SHARES_CLOSED_DATA"]),
    ],
)
def test_a_mart_goes_to_nobody_who_may_not_have_what_it_draws_on(
    city: Path, changed: dict[str, str], codes: list[str]
) -> None:
    change(city, **changed)
    found = lint_workspace(city)
    assert sorted(each.code for each in found) == sorted(codes), [each.say("zh") for each in found]
    assert all(each.line > 0 and "{" not in each.message("zh") + each.message("en") for each in found)
    assert _runs(city) is (codes == [])


def _runs(city: Path) -> bool:
    """Whether a run would publish the mart: what lint refuses, it does not."""
    try:
        return "air" in load_sound_registry(city).marts
    except CitylakeError as error:
        return error.code != "DECLARATIONS_INVALID"


def test_a_mart_that_reads_the_tables_of_another_draws_on_its_datasets(city: Path) -> None:
    change(city, dataset=CLOSED)
    folder = city / "marts/second"
    folder.mkdir()
    text = (city / "marts/air/mart.yaml").read_text("utf-8").replace("mart: air", "mart: second", 1)
    (folder / "mart.yaml").write_text(text, "utf-8")
    (folder / "station_day.sql").write_text("FROM mart.air.station_day", "utf-8")
    codes = [each.path.parent.name for each in lint_workspace(city) if each.code == "MART_SHARES_CLOSED_DATA"]
    assert sorted(codes) == ["air", "second"]


def test_what_is_not_stated_stays_unstated_and_the_stricter_word_holds(city: Path) -> None:
    def sharing() -> str | None:
        registry = load_registry(city)
        found = dataset_sharing(registry.contracts["air.readings"], registry)
        return found.sharing_class if found else None

    assert sharing() is None
    change(city, dataset=CONDITIONAL)
    assert sharing() == "conditional"
    change(city, element=CLOSED)
    assert sharing() == "none"


def test_what_the_page_writes_is_what_the_declarations_take() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/sensitivity.md").read_text("utf-8"), re.DOTALL)
    words = [yaml.safe_load(block) for block in blocks]
    assert len([Sharing.model_validate(each["sharing"]) for each in words if "sharing" in each]) == 2
    (groups,) = (each["readers"] for each in words if isinstance(each.get("readers"), dict))
    assert [ReaderGroup.model_validate(group).world_readable for group in groups.values()] == [True, False, False]
    (agreement,) = (each["agreement"] for each in words if "agreement" in each)
    assert all(isinstance(document, str) for document in agreement.values())
