"""No value is wrong in silence: lint refuses the contract, or every row is read right or quarantined with a reason."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.schemas.lint import lint_workspace
from tests.declared import ALL_PACKS
from tests.trial import Trial

_IDENTIFIERS = (
    "st",
    "id",
    "no",
    "站点",
    "hour",
    "meter",
    "vehicle.vehicle.id",
    "_line",
)
"""Source fields that identify a row, the first that a case has."""


@pytest.fixture
def copied(case: Path, tmp_path: Path) -> Trial:
    """A copy of the case."""
    return copy_case(case, tmp_path)


def copy_case(case: Path, folder: Path) -> Trial:
    """A copy of the case's workspace with every built-in pack, and its input."""
    source, workspace = case / "workspace", folder / "workspace"
    shutil.copytree(source if source.is_dir() else case, workspace, copy_function=shutil.copyfile)
    for path in (workspace, *workspace.rglob("*/")):
        path.chmod(0o755)
    name_packs(workspace / "workspace.yaml")
    return Trial(folder, {"IN": str(case / "in")})


def name_packs(file: Path) -> None:
    packs = yaml.safe_load((ALL_PACKS / "workspace.yaml").read_text("utf-8"))["packs"]
    # An unquoted ${IN} within braces is no YAML.
    text = file.read_text("utf-8").replace("IN: ${IN}}", 'IN: "${IN}"}')
    settings = {**yaml.safe_load(text), "packs": packs}
    if settings.get("extends") == "builtin":
        del settings["extends"]
    file.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")


def test_every_value_is_right_or_reported(case: Path, copied: Trial, expected: dict[str, Any]) -> None:
    found = lint_workspace(copied.root / "workspace")
    if "lint" in expected:
        assert [each.code for each in found] == expected["lint"], [each.say("en") for each in found]
    if found:
        assert all(each.suggestion for each in found)
    elif (case / "in").is_dir():
        _check_rows(copied, expected)


def _check_rows(trial: Trial, expected: dict[str, Any]) -> None:
    outcome = trial.run()
    for entry in outcome.document["datasets"]:
        name, codes = entry["dataset"], [problem["code"] for problem in entry["problems"]]
        if name in expected.get("held", {}):
            assert (entry["status"], codes) == ("held", [expected["held"][name]])
            continue
        assert entry["status"] == "committed", entry
        assert codes == expected.get("reported", codes)
        if entry["rows_standard"] or "standard" in expected:
            _check_standard(trial.standard(name), expected.get("standard", {}))
        if "quarantine" in expected:
            assert _reasons(trial.quarantine(name)) == expected["quarantine"]
        elif expected:
            assert not Path(trial.lake.quarantine(name)).exists()


def _check_standard(rows: pl.DataFrame, columns: dict[str, list[Any]]) -> None:
    rows = rows.sort("_source", "_row")
    for column, values in columns.items():
        is_time = isinstance(rows.schema[column], pl.Datetime)
        assert rows[column].to_list() == [datetime.fromisoformat(each) if is_time else each for each in values], column


def _reasons(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Issue codes by the identifier of the row in the source."""
    return {_identifier(row["raw"]): row["codes"] for row in rows.iter_rows(named=True)}


def _identifier(raw: str) -> str:
    fields = json.loads(raw)
    return str(next(fields[name] for name in _IDENTIFIERS if name in fields))
