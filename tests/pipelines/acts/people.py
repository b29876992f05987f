"""A department with refused rows: codes, measurements, and a number that names a person."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.person import Person
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.replay_dataset import replay_dataset
from citylake.pipelines.flow.replay_selection import ReplaySelection
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.quarantine_states import scan_row_states
from citylake.schemas.lint.valid_registry import load_valid_registry

DATASET = "civil.visits"
DEPARTMENT = "民政局"
_TEXTS = "object_class: 事项\n  property: 属性\n  definition: {zh: 说明。, en: A definition.}\n  type: string"
FILES = {
    "workspace.yaml": "packs: []\n",
    "codes/areas.yaml": """
- id: place.areas
  name: {zh: 区域, en: areas}
  values:
  - {code: "990101", name: {zh: 东城, en: East}}
  - {code: "990106", name: {zh: 经济开发区, en: Economic zone}, aliases: [开发区]}
""",
    "elements/civil.yaml": f"""
- id: civil.visit_number
  symbol: visit_number
  name: {{zh: 来访编号, en: visit number}}
  representation: number
  {_TEXTS}
- id: civil.area
  symbol: area_code
  name: {{zh: 区域, en: area}}
  representation: code
  codes: place.areas
  {_TEXTS}
- id: civil.id_number
  symbol: id_number
  name: {{zh: 身份证号, en: identity number}}
  representation: number
  pattern: "^\\\\d{{4}}$"
  sensitivity: {{grade: L3, openness: none, personal: sensitive}}
  {_TEXTS}
- id: civil.minutes
  symbol: waiting_min
  name: {{zh: 等候时长, en: waiting time}}
  object_class: 来访
  property: 等候时长
  definition: {{zh: 等候的分钟数。, en: Minutes of waiting.}}
  representation: quantity
  type: decimal
  format: "n..7,1"
  unit: min
  range: [0, 600]
""",
    "datasets/civil/visits.yaml": f"""
dataset: {DATASET}
title: {{zh: 来访, en: visits}}
owner: {{department: {DEPARTMENT}}}
source: {{connector: files, path: "${{WORKSPACE}}/inbox/*.csv", format: csv}}
fields:
  编号: {{element: civil.visit_number, required: true}}
  区域: {{element: civil.area}}
  身份证: {{element: civil.id_number}}
  等候: {{element: civil.minutes, unit: min}}
ignore: [备注]
write: {{mode: upsert, key: [visit_number]}}
""",
}
HEADER = ("编号", "区域", "身份证", "等候", "备注")


@dataclass(frozen=True)
class Bureau:
    """The department's workspace and lake."""

    root: Path

    @property
    def lake(self) -> Lake:
        return Lake(str(self.root / "lake"))

    def work(self, user: str = "li") -> ActWork:
        """What an act of ``user`` needs, as it is now."""
        return ActWork(load_valid_registry(self.root / "city"), self.lake, Ledger(self.lake), Person(user))

    def deliver(self, rows: Sequence[Sequence[str]], name: str = "visits", **files: str) -> None:
        """Deliver a file of visits and run; ``files`` replaces declarations."""
        write_bureau(self.root / "city", files)
        inbox = self.root / "city/inbox"
        inbox.mkdir(exist_ok=True)
        with (inbox / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
        registry, this = load_valid_registry(self.root / "city"), new_run(None, None)
        run_pipeline(RunContext(registry, self.lake, Ledger(self.lake), this, run_variables(registry, this, {})))

    def replay(self) -> None:
        """Replay the quarantine, as the end of every act says."""
        registry, this, ledger = load_valid_registry(self.root / "city"), new_run(None, None), Ledger(self.lake)
        work = RunContext(registry, self.lake, ledger, this, run_variables(registry, this, {}))
        replay_dataset(work, registry.contracts[DATASET], ReplaySelection(quarantine=True))
        ledger.flush()

    def standard(self) -> list[tuple[Any, ...]]:
        """The standard rows: number, area, identity and minutes, by number."""
        rows = pl.read_delta(self.lake.standard(DATASET))
        return rows.select("visit_number", "area_code", "id_number", "waiting_min").sort("visit_number").rows()

    def states(self) -> dict[str, str]:
        """The state of each refused row, by the visit's number in it."""
        rows = scan_row_states(self.lake, DATASET).collect()
        number = rows["raw"].str.json_path_match("$.编号")
        return dict(zip(number, rows["state"], strict=True))

    def ids(self) -> dict[str, str]:
        """The id of each refused row, by the visit's number in it."""
        rows = scan_row_states(self.lake, DATASET).collect()
        return dict(zip(rows["raw"].str.json_path_match("$.编号"), rows["row_id"], strict=True))

    def everything(self) -> ChosenRows:
        """Every refused row."""
        return ChosenRows(tuple(self.ids().values()))

    def corrections(self) -> list[dict[str, Any]]:
        """The recorded corrections."""
        found = Ledger(self.lake).read("corrections")
        return found.select("scope", "_row", "field", "old", "new", "active", "user", "why").to_dicts()

    def acts(self) -> pl.DataFrame:
        """The recorded acts."""
        return Ledger(self.lake).read("acts")


def write_bureau(folder: Path, replaced: Mapping[str, str]) -> None:
    """Write the workspace below ``folder``."""
    for name, text in {**FILES, **{key.replace("__", "/") + ".yaml": value for key, value in replaced.items()}}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
