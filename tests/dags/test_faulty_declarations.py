"""Declarations with faults are the import error of one DAG file; the files of all others are imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.dags.settings import faulty_declarations_error
from citylake.schemas.lint.valid_registry import load_sound_registry
from tests.declared import declare_packs

GOOD = """
dataset: traffic.{name}
title: {{zh: 流量, en: counts}}
owner: {{department: 交通局}}
source: {{connector: files, path: "in/*.csv", format: csv}}
fields: {{device: {{element: traffic.{element}}}}}
write: {{mode: append}}
"""
CRON = """schedule: {{cron: "{cron}"}}
"""


def test_the_error_names_what_has_no_dag_with_file_and_line(tmp_path: Path) -> None:
    declare_packs(tmp_path)
    (tmp_path / "datasets/traffic").mkdir(parents=True)
    (tmp_path / "datasets/traffic/good.yaml").write_text(GOOD.format(name="good", element="device_code"), "utf-8")
    assert faulty_declarations_error(load_sound_registry(tmp_path)) is None
    (tmp_path / "datasets/traffic/bad.yaml").write_text(GOOD.format(name="bad", element="unknown"), "utf-8")
    registry = load_sound_registry(tmp_path)
    error = faulty_declarations_error(registry)
    assert error is not None
    assert list(registry.contracts) == ["traffic.good"]
    assert "dataset.traffic.bad" in error.say("zh")
    assert "bad.yaml:6" in error.say("en")


def test_airflow_shows_the_import_error_and_the_dags_of_all_others(airflow: Any, tmp_path: Path) -> None:
    declare_packs(tmp_path)
    (tmp_path / "datasets/traffic").mkdir(parents=True)
    for name, element in (("good", "device_code"), ("bad", "unknown")):
        text = GOOD.format(name=name, element=element)
        (tmp_path / f"datasets/traffic/{name}.yaml").write_text(text, "utf-8")
    parsed = airflow("parse_dags.py", CITYLAKE_WORKSPACE=str(tmp_path))
    assert "dataset.traffic.good" in parsed["dags"]
    ((file, error),) = parsed["errors"].items()
    assert file.endswith("faulty_declarations.py")
    assert "bad.yaml:6" in error


@pytest.mark.parametrize("cron", ["daily", "30 25 * * *"])
def test_a_faulty_cron_stops_its_own_dag_only(airflow: Any, tmp_path: Path, cron: str) -> None:
    declare_packs(tmp_path)
    (tmp_path / "datasets/traffic").mkdir(parents=True)
    for name, due in (("good", "30 1 * * *"), ("bad", cron)):
        text = GOOD.format(name=name, element="device_code") + CRON.format(cron=due)
        (tmp_path / f"datasets/traffic/{name}.yaml").write_text(text, "utf-8")
    parsed = airflow("parse_dags.py", CITYLAKE_WORKSPACE=str(tmp_path))
    assert [name for name in parsed["dags"] if name.startswith("dataset.")] == ["dataset.traffic.good"]
    ((file, error),) = parsed["errors"].items()
    assert file.endswith("faulty_declarations.py")
    assert "dataset.traffic.bad" in error
    assert "bad.yaml:8" in error


def test_a_schedule_that_airflow_alone_refuses_is_told_with_its_line(airflow: Any, tmp_path: Path) -> None:
    declare_packs(tmp_path)
    (tmp_path / "datasets/traffic").mkdir(parents=True)
    text = GOOD.format(name="bad", element="device_code") + CRON.format(cron="daily")
    (tmp_path / "datasets/traffic/bad.yaml").write_text(text, "utf-8")
    told = airflow("show_refused.py", str(tmp_path))
    assert "dataset.traffic.bad" in told
    assert "bad.yaml:8" in told
