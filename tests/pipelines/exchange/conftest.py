"""A lake with open readings, persons that are shared under a condition, a register that is not shared, and a mart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import citylake
from citylake.pipelines.exchange.receiver import Receiver
from citylake.pipelines.exchange.staged_data import ExportRequest
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.read.registry import Registry, load_registry
from tests.small_workspace import write_small_workspace

PERSONS = """
dataset: social.persons
title: {zh: 参保人员, en: insured persons}
owner: {department: 市人力社保局, steward: persons@example.org}
source: {connector: files, path: "${WORKSPACE}/persons/*.csv", format: csv}
schedule: {cron: "30 1 * * *", timezone: Asia/Shanghai, late_days: 3}
fields:
  证件: {element: person.certificate_no, required: true}
  姓名: {element: person.name}
  性别: {element: person.gender}
write: {mode: upsert, key: [certificate_no]}
sharing: {class: conditional, condition: {zh: 仅限行政执法使用, en: for law enforcement only}}
"""
SETTINGS = """
name: {zh: 蓝海, en: Lanhai}
packs: [base, government]
bounds: [120.0, 30.0, 121.5, 31.0]
"""
CLOSED = """
dataset: police.posts
title: {zh: 卡点, en: posts}
owner: {department: 市公安局}
source: {connector: files, path: "${WORKSPACE}/posts/*.csv", format: csv}
fields:
  code: {element: place.station_code, required: true}
write: {mode: upsert, key: [station_code]}
sharing: {class: none, basis: 《条例》第十条}
"""


@dataclass(frozen=True)
class ExchangeCity:
    """The workspace and its lake."""

    root: Path
    registry: Registry
    lake: Lake

    def request(self, receiver: Receiver | None = None, form: str = "test") -> ExportRequest:
        """An export to ``receiver``, by default the public."""
        return ExportRequest(self.registry, self.lake, receiver or Receiver(), form)

    def accesses(self) -> list[tuple[object, ...]]:
        """Subject, why, rows and outcome of the recorded exports."""
        sql = "SELECT subject, why, rows, outcome FROM accesses WHERE access = 'export' ORDER BY sequence"
        return citylake.Lake(self.root / "lake").ledger(sql).rows()


@pytest.fixture(scope="package")
def exchange_city(tmp_path_factory: pytest.TempPathFactory) -> ExchangeCity:
    """The city after one run. Tests add accesses to its ledger, and change nothing else."""
    root = write_small_workspace(tmp_path_factory.mktemp("exchange") / "city")
    files = {
        "workspace.yaml": SETTINGS,
        "datasets/social/persons.yaml": PERSONS,
        "datasets/police/posts.yaml": CLOSED,
        "persons/1.csv": "证件,姓名,性别\nP101,王小明,1\nP102,李华,2\n",
        "posts/1.csv": "code\nK1\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert citylake.run(citylake.Workspace.load(root), citylake.Lake(root / "lake")).exit_code in (0, 2)
    return ExchangeCity(root, load_registry(root), Lake(str(root / "lake")))
