from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from citylake.schemas.lint import lint_workspace
from citylake.schemas.read.registry import load_registry
from citylake.schemas.read.valid_registry import load_valid_registry
from citylake.schemas.read.yaml_reader import DuplicateKeyError, YamlLines, read_yaml
from citylake.schemas.words.errors import CitylakeError

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


def declare(folder: Path, *entries: tuple[str, str]) -> Path:
    (folder / "elements").mkdir(parents=True, exist_ok=True)
    text = "".join(ELEMENT.format(id=identity, symbol=symbol) for identity, symbol in entries)
    (folder / "elements/some.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_workspace_extends_the_built_in_one_and_may_override_it(tmp_path: Path) -> None:
    built_in = load_registry()
    registry = load_registry(declare(tmp_path, ("place.region_code", "own_symbol"), ("own.thing", "thing")))
    assert registry.elements.keys() == built_in.elements.keys() | {"own.thing"}
    assert registry.elements["place.region_code"].symbol == "own_symbol"
    assert registry.clashes == []
    assert registry.contracts == {}


def test_a_workspace_builds_the_marts_that_it_names_of_the_one_it_extends(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text("marts: [city_pulse]\n")
    registry = load_registry(tmp_path)
    assert registry.marts == {"city_pulse": load_registry().marts["city_pulse"]}
    assert registry.contracts == {}


def test_a_mart_that_the_extended_one_does_not_have_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text("marts: [city_puls]\n")
    assert [finding.code for finding in lint_workspace(tmp_path)] == ["BASE_MART_UNKNOWN"]


def test_a_workspace_may_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text("extends: null\n")
    assert load_registry(declare(tmp_path, ("own.thing", "thing"))).elements.keys() == {"own.thing"}


def test_a_workspace_may_extend_another_folder(tmp_path: Path) -> None:
    declare(tmp_path / "base", ("own.base", "base"))
    (tmp_path / "base/workspace.yaml").write_text("extends: null\n")
    top = declare(tmp_path / "top", ("own.top", "top"))
    (top / "workspace.yaml").write_text("extends: ../base\n")
    assert load_registry(top).elements.keys() == {"own.base", "own.top"}


def test_the_first_of_two_elements_with_one_id_stays(tmp_path: Path) -> None:
    registry = load_registry(declare(tmp_path, ("own.thing", "first"), ("own.thing", "second")))
    assert registry.elements["own.thing"].symbol == "first"
    assert [(clash.id, clash.first.keys, clash.again.keys) for clash in registry.clashes] == [("own.thing", (0,), (1,))]


def test_a_workspace_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match="nowhere") as caught:
        load_registry(tmp_path / "nowhere")
    assert caught.value.code == "WORKSPACE_MISSING"


def test_a_fault_in_workspace_yaml_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text("extend: builtin\n")
    with pytest.raises(ValidationError):
        load_registry(tmp_path)


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
