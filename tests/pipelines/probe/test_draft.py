"""A drafted contract is one that lint takes and a run can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.probe.draft import draft
from pipelines.probe.sample import sample
from schemas.registry import Registry

TABLE = "站点编号,observed_at,PM2.5,所属区,备注\n" + "".join(
    f"99010{n % 3}01A,2026-03-0{n + 1} 08:00:00,{30 + n},{district},x\n"
    for n, district in enumerate(("东湖区", "南浦区", "西苑区", "东湖区"))
)


@pytest.fixture
def drafted(tmp_path: Path, registry: Registry) -> str:
    (tmp_path / "air.csv").write_text(TABLE, encoding="utf-8")
    source = {"connector": "files", "path": str(tmp_path / "air.csv"), "format": "csv"}
    return draft("air.hourly", source, sample(source, {}), registry)


def test_fields_are_bound_where_name_and_values_agree(drafted: str) -> None:
    contract = yaml.safe_load(drafted)
    assert contract["fields"]["PM2.5"] == {"element": "air.pm25"}
    assert contract["fields"]["observed_at"]["format"] == "%Y-%m-%d %H:%M:%S"
    assert contract["fields"]["所属区"] == {"element": "place.region_code"}
    assert "备注" in contract["ignore"]


def test_a_name_whose_values_do_not_fit_is_not_bound(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "x.csv").write_text("PM2.5,b\nhigh,1\nlow,2\n", encoding="utf-8")
    source = {"connector": "files", "path": str(tmp_path / "x.csv"), "format": "csv"}
    assert "PM2.5" in yaml.safe_load(draft("air.x", source, sample(source, {}), registry))["ignore"]


def test_a_draft_runs_from_the_source_to_the_table(drafted: str, trial: Any) -> None:
    trial.declare("datasets/air", drafted)
    outcome = trial.run()
    assert outcome.exit_code == 0
    assert trial.standard("air.hourly").height == 4
