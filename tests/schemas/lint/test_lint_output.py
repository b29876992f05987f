import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.base.pack_folders import builtin_packs
from citylake.schemas.lint import lint_errors, lint_workspace
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import ALL_PACKS, DEMO


def test_a_finding_reads_as_compilers_write_in_both_languages(
    broken: Any, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clean)
    (found,) = [each for each in broken("elements/all.yaml", "unit: km/h", "unit: kmm/h") if each.severity == "error"]
    assert found.say("en").startswith("elements/all.yaml:56: error UNIT_UNKNOWN The unit “kmm/h” is unknown. ")
    assert found.say("zh").startswith("elements/all.yaml:56: error UNIT_UNKNOWN 未知的计量单位“kmm/h”。")


def test_a_finding_is_json_with_file_line_message_and_suggestion(broken: Any) -> None:
    (found,) = [each for each in broken("elements/all.yaml", "unit: km/h", "unit: kmm/h") if each.severity == "error"]
    document = json.loads(json.dumps(found.as_json(), ensure_ascii=False))
    assert document.keys() == {"code", "severity", "file", "line", "message", "suggestion", "candidates", "text"}
    assert (document["code"], document["line"], document["candidates"][0]) == ("UNIT_UNKNOWN", 56, "km/h")
    assert document["text"] == {
        "zh": found.say("zh").split("UNIT_UNKNOWN ")[1],
        "en": found.say("en").split("UNIT_UNKNOWN ")[1],
    }
    assert document["text"]["en"] == found.as_json("en")["message"] + " " + found.as_json("en")["suggestion"]


def test_what_could_not_be_read_is_not_told_again_wherever_it_is_used(broken: Any) -> None:
    found = broken("elements/all.yaml", "  property: 速度\n", "")
    assert [each.code for each in found] == ["KEY_MISSING"]
    found = broken("datasets/traffic/detector.yaml", "element: traffic.mean_speed", "element: traffic.sped")
    assert [each.code for each in found] == ["ELEMENT_UNKNOWN", "KEY_MISSING"]


def test_requiring_an_invalid_workspace_names_the_count_and_the_first_faults(broken: Any, clean: Path) -> None:
    broken("elements/all.yaml", "unit: km/h", "unit: kmm/h")
    with pytest.raises(CitylakeError, match="kmm/h") as caught:
        load_valid_registry(clean)
    assert caught.value.code == "DECLARATIONS_INVALID"
    assert caught.value.values["count"] == len(lint_errors(load_registry(clean)))


def test_the_workspace_may_say_the_zone_for_all_its_contracts(broken: Any, clean: Path) -> None:
    assert {each.code for each in broken("datasets/traffic/detector.yaml", "zone: Asia/Shanghai\n", "")} == {
        "ZONE_MISSING"
    }
    assert broken("workspace.yaml", "packs: []", "packs: []\ntimezone: Asia/Urumqi") == []


def test_warnings_do_not_make_a_workspace_invalid(broken: Any, clean: Path) -> None:
    found = broken("datasets/traffic/detector.yaml", "dataset: traffic.detector\n", "dataset: traffic.detectors\n")
    assert "DATASET_MISPLACED" in {each.code for each in found}
    (clean / "marts/speeds/site_hour.sql").write_text("SELECT * FROM traffic.detectors", encoding="utf-8")
    assert load_valid_registry(clean).contracts.keys() == {"traffic.detectors", "place.sites"}


@pytest.mark.parametrize("workspace", [ALL_PACKS, DEMO])
def test_the_built_in_declarations_are_clean(workspace: Path) -> None:
    assert [each.say("en") for each in lint_workspace(workspace)] == []


@pytest.mark.parametrize("pack", [name for name in builtin_packs() if name != "base"])
def test_each_pack_needs_no_other_than_base(pack: str, tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(f"packs: [base, {pack}]\n")
    assert [each.say("en") for each in lint_workspace(tmp_path)] == []


def test_lint_imports_no_engine() -> None:
    heavy = "{'polars', 'duckdb', 'pyarrow', 'pandas', 'deltalake', 'great_expectations'}"
    code = (
        "import sys, pathlib; from citylake.schemas.lint import lint_workspace; "
        f"lint_workspace(pathlib.Path({str(ALL_PACKS)!r})); "
        f"print(sorted({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
