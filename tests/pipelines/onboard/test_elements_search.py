"""An element is found by what people call it; a missing one is drafted with what a person states, never more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from citylake.pipelines.cli import main
from citylake.pipelines.onboard.draft_element import element_attributes, guess_type, write_element
from citylake.pipelines.onboard.search_elements import search_elements
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError

GIVEN = {"name": {"zh": "树高", "en": "tree height"}, "definition": {"zh": "树的高度", "en": "height of a tree"}}


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("平均车速", "traffic.mean_speed"),
        ("jingdu", "place.longitude"),
        ("PM2.5", "air.pm25"),
        ("经度", "place.longitude"),
    ],
)
def test_an_element_is_found_by_name_synonym_and_pinyin(registry: Registry, text: str, element: str) -> None:
    assert element in [each.element.id for each in search_elements(text, registry)[:3]]


def test_a_search_is_json_with_scores_and_says_if_nothing_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["elements", "search", "air.pm25", "--json", "--limit", "2"]) == 0
    first, *rest = json.loads(capsys.readouterr().out)
    assert (first["id"], first["score"], len(rest)) == ("air.pm25", 1.0, 1)
    assert main(["elements", "search", "ʘʘʘ"]) == 2
    assert "ʘʘʘ" in capsys.readouterr().err


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text("packs: [base]\n", "utf-8")
    (tmp_path / "elements").mkdir()
    return tmp_path


def test_a_draft_stands_below_what_the_file_has_and_passes_lint(workspace: Path) -> None:
    file = workspace / "elements" / "tree.yaml"
    named = ["--zh", "树高", "--en", "tree height", "--means-zh", "树的高度", "--means-en", "height of a tree"]
    arguments = ["--workspace", str(workspace), "elements", "new"]
    assert main([*arguments, "tree.height", *named, "--type", "decimal", "--unit", "m", "--synonym", "sg"]) == 0
    before = file.read_text("utf-8")
    assert main([*arguments, "tree.species", *named]) == 0
    assert file.read_text("utf-8").startswith(before.rstrip())
    first, second = yaml.safe_load(file.read_text("utf-8"))
    assert (first["status"], first["symbol"], first["unit"], first["synonyms"]) == ("draft", "height_m", "m", ["sg"])
    assert (second["status"], second["type"]) == ("draft", "string")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("tree.height", {"type": "decimal"}),
        ("height", {}),
        ("tree.kind", {"representation": "code"}),
        ("tree.kind", {"codes": "tree.kinds"}),
        ("tree.kind", {"type": "text"}),
        ("place.longitude", {}),
    ],
)
def test_what_is_not_stated_is_not_invented_and_a_faulty_draft_is_not_written(
    workspace: Path, name: str, given: dict[str, str]
) -> None:
    with pytest.raises(CitylakeError):
        write_element(element_attributes(name, {**GIVEN, **given}), load_registry(workspace))
    assert list((workspace / "elements").iterdir()) == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2"], "integer"),
        (["1.5", "2"], "decimal"),
        (["0012", "0013"], "string"),
        (["2026-03-01", "2026-03-02"], "date"),
        (["2026-03-01 08:00"], "datetime"),
        (["a", "1"], "string"),
        ([], "string"),
    ],
)
def test_the_type_of_a_missing_element_is_that_of_all_values(values: list[str], kind: str) -> None:
    assert guess_type(values) == kind
