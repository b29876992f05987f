from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from citylake.schemas.base.pack_folders import builtin_packs
from citylake.schemas.base.yaml_reader import DuplicateKeyError, YamlLines, read_yaml
from citylake.schemas.lint import lint_workspace
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import DEMO

ELEMENT = """
- id: {id}
  symbol: {symbol}
  name: {{zh: 名, en: name}}
  definition: {{zh: 义, en: meaning}}
  object_class: 物
  property: 性
  representation: name
  type: string
"""


def declare(folder: Path, *entries: tuple[str, str], workspace: str = "packs: []") -> Path:
    (folder / "elements").mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text(workspace + "\n", encoding="utf-8")
    text = "".join(ELEMENT.format(id=identity, symbol=symbol) for identity, symbol in entries)
    (folder / "elements/some.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_workspace_has_the_elements_of_its_packs_and_may_override_them(tmp_path: Path) -> None:
    base = load_registry(declare(tmp_path, workspace="packs: [base]"))
    declare(tmp_path, ("place.region_code", "own_symbol"), ("own.thing", "thing"), workspace="packs: [base]")
    registry = load_registry(tmp_path)
    assert registry.elements.keys() == base.elements.keys() | {"own.thing"}
    assert registry.elements["place.region_code"].symbol == "own_symbol"
    assert registry.clashes == []


def test_a_workspace_has_nothing_of_packs_that_it_does_not_name(tmp_path: Path) -> None:
    subjects = {name.partition(".")[0] for name in load_registry(declare(tmp_path, workspace="packs: [base]")).elements}
    assert subjects == {"time", "place", "exchange", "device"}


def test_a_workspace_builds_the_marts_that_it_names_of_the_one_it_extends(tmp_path: Path) -> None:
    registry = load_registry(declare(tmp_path, workspace=f"extends: {DEMO}\nmarts: [city_pulse]"))
    assert registry.marts == {"city_pulse": load_registry(DEMO).marts["city_pulse"]}
    assert registry.contracts == {}


def test_a_mart_that_the_extended_one_does_not_have_is_a_fault(tmp_path: Path) -> None:
    declare(tmp_path, workspace=f"extends: {DEMO}\nmarts: [city_puls]")
    assert [finding.code for finding in lint_workspace(tmp_path)] == ["BASE_MART_UNKNOWN"]


def test_a_workspace_may_stand_alone(tmp_path: Path) -> None:
    assert load_registry(declare(tmp_path, ("own.thing", "thing"))).elements.keys() == {"own.thing"}


def test_a_workspace_may_extend_another_folder_and_has_its_packs(tmp_path: Path) -> None:
    declare(tmp_path / "base", ("own.base", "base"), workspace="packs: [energy]")
    top = declare(tmp_path / "top", ("own.top", "top"), ("own.base", "other"), workspace="extends: ../base")
    registry = load_registry(top)
    assert {"own.base", "own.top", "energy.power"} <= registry.elements.keys()
    assert registry.elements["own.base"].symbol == "other"
    assert registry.workspace.pack_names == ("energy",)


def test_a_workspace_inside_the_one_that_extends_it_may_be_overridden(tmp_path: Path) -> None:
    declare(tmp_path / "base", ("own.base", "base"))
    registry = load_registry(declare(tmp_path, ("own.base", "other"), workspace="extends: base"))
    assert registry.elements["own.base"].symbol == "other"
    assert registry.clashes == []


def test_workspaces_that_extend_each_other_are_a_fault(tmp_path: Path) -> None:
    declare(tmp_path / "one", workspace="extends: ../two")
    declare(tmp_path / "two", workspace="extends: ../one")
    assert [finding.code for finding in lint_workspace(tmp_path / "one")] == ["EXTENDS_IN_A_CIRCLE"]


def test_the_first_of_two_elements_with_one_id_stays(tmp_path: Path) -> None:
    registry = load_registry(declare(tmp_path, ("own.thing", "first"), ("own.thing", "second")))
    assert registry.elements["own.thing"].symbol == "first"
    assert [(clash.id, clash.first.keys, clash.again.keys) for clash in registry.clashes] == [("own.thing", (0,), (1,))]


@pytest.mark.parametrize(
    ("text", "line"),
    [("name: {zh: 城, en: city}\nextends: builtin", 2), ("extends: null", 1), ("name: {zh: 城, en: city}", 1), ("", 1)],
)
def test_a_workspace_of_the_last_version_is_warned_what_to_write(tmp_path: Path, text: str, line: int) -> None:
    [finding] = lint_workspace(declare(tmp_path, workspace=text))
    assert (finding.code, finding.path.name, finding.line) == ("WORKSPACE_WITHOUT_PACKS", "workspace.yaml", line)
    assert finding.severity == "warning"
    assert f"packs: [{', '.join(builtin_packs())}]" in finding.advice("en")


@pytest.mark.parametrize(
    ("text", "packs"), [("extends: builtin", builtin_packs()), ("", builtin_packs()), ("extends: null", ())]
)
def test_a_workspace_of_the_last_version_means_what_it_meant(tmp_path: Path, text: str, packs: Any) -> None:
    registry = load_registry(declare(tmp_path, ("own.thing", "thing"), workspace=text))
    assert registry.workspace.pack_names == tuple(packs)
    assert ("air.pm25" in registry.elements) == bool(packs)
    assert "own.thing" in registry.elements


def test_a_folder_without_workspace_yaml_is_told_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match=r"packs: \[base\]") as caught:
        load_registry(tmp_path)
    assert caught.value.code == "WORKSPACE_FILE_MISSING"


def test_a_workspace_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match="nowhere") as caught:
        load_registry(tmp_path / "nowhere")
    assert caught.value.code == "WORKSPACE_MISSING"


def test_a_fault_in_workspace_yaml_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load_registry(declare(tmp_path, workspace="packs: []\nextend: base"))


def test_a_workspace_yaml_that_is_not_utf_8_is_a_fault_with_its_file(tmp_path: Path) -> None:
    declare(tmp_path)
    (tmp_path / "workspace.yaml").write_bytes("name: {zh: 城市, en: city}\npacks: []\n".encode("gb18030"))
    assert [finding.path.name for finding in lint_workspace(tmp_path)] == ["workspace.yaml"]
    with pytest.raises(CitylakeError) as caught:
        load_valid_registry(tmp_path)
    assert caught.value.code == "DECLARATIONS_INVALID"


def test_a_clean_workspace_is_required_without_complaint(tmp_path: Path) -> None:
    assert "own.thing" in load_valid_registry(declare(tmp_path, ("own.thing", "thing"))).elements


def test_a_key_written_twice_is_a_fault_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b: 1\n  c: {d: 1, e: 2, d: 3}\n")
    with pytest.raises(DuplicateKeyError, match="d is written twice") as caught:
        read_yaml(path)
    assert isinstance(caught.value, yaml.YAMLError)


def test_keys_merged_from_an_anchor_are_not_written_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("base: &base {a: 1, b: 2}\nother:\n  <<: *base\n  a: 3\n")
    assert read_yaml(path)["other"] == {"a": 3, "b": 2}


def test_a_value_knows_its_line_and_keys_that_are_not_there_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  - x: 1\n  -\n    y:\n      z: 2\n")
    assert YamlLines(path).of(["a", 1, "y", "z"]) == 5
    assert YamlLines(path).walk(["a", "union-tag", 1, "y"]) == (4, ("a", 1, "y"))
    assert YamlLines(path).of(["none"]) == 1


def test_a_workspace_runs_the_datasets_and_entities_that_it_takes_from_the_one_it_extends(tmp_path: Path) -> None:
    demo = load_registry(DEMO)
    words = f"extends: {DEMO}\ndatasets: [traffic.*, tax.taxpayers]\n"
    registry = load_registry(declare(tmp_path, workspace=words))
    assert registry.contracts.keys() == {name for name in demo.contracts if name.startswith(("traffic.", "tax."))}
    assert registry.entities == {}
    whole = load_registry(
        declare(tmp_path, workspace=f'extends: {DEMO}\ndatasets: ["*"]\nentities: ["*"]\nmarts: ["*"]')
    )
    assert (whole.contracts, whole.entities, whole.marts) == (demo.contracts, demo.entities, demo.marts)
    assert [finding.code for finding in lint_workspace(tmp_path) if finding.severity == "error"] == []


def test_a_dataset_of_the_workspace_replaces_the_one_that_it_takes(tmp_path: Path) -> None:
    declare(tmp_path, workspace=f'extends: {DEMO}\ndatasets: ["*"]')
    text = (DEMO / "datasets/traffic/bus_timetable.yaml").read_text("utf-8").replace("min: 100", "min: 7")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/own.yaml").write_text(text, "utf-8")
    rows = load_registry(tmp_path).contracts["traffic.bus_timetable"].expect.rows
    assert rows is not None
    assert rows.min == 7


def test_a_name_that_the_extended_one_does_not_have_is_a_fault(tmp_path: Path) -> None:
    declare(tmp_path, workspace=f"extends: {DEMO}\ndatasets: [traffic.bus_*, traffik.*]\nentities: [person]")
    assert [finding.code for finding in lint_workspace(tmp_path)] == ["INHERITED_NAME_UNKNOWN"] * 2
