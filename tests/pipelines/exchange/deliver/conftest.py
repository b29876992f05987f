"""A department that counts cars, a mart of its hours, and deliveries of the mart to another department."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.exchange.deliver.make_delivery import DeliveryOutcome, find_deliveries, make_deliveries
from citylake.pipelines.lake.access_record import Asked
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import declare_packs
from tests.kept_folder import KeptFolder
from tests.postgres import Postgres
from tests.trial import Trial

CARS = """
dataset: traffic.cars
title: {zh: 流量, en: counts}
owner: {department: 交通局}
source: {connector: files, path: "${WORKSPACE}/../files/*.csv", format: csv}
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, label: start, required: true}
  device: {element: traffic.device_code, required: true}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
"""
MART = """
mart: cars
title: {zh: 流量, en: counts}
audience: {zh: 分析人员, en: analysts}
wait: null
tables:
  by_hour:
    title: {zh: 每小时流量, en: flow by hour}
    grain: [device_code, hour_start]
    columns:
      device_code: {element: traffic.device_code}
      hour_start: {element: time.hour_start}
      flow_veh: {element: traffic.flow}
      busy: {text: {zh: 是否繁忙, en: busy}}
  by_device:
    title: {zh: 每台设备, en: by device}
    grain: [device_code]
    columns:
      device_code: {element: traffic.device_code}
      hours: {text: {zh: 小时数, en: hours}}
"""
SELECTS = {
    # A flow of nought withdraws the hour.
    "by_hour": "SELECT device_code, hour_start, flow_veh, flow_veh > 20 AS busy FROM traffic.cars WHERE flow_veh > 0",
    "by_device": "SELECT device_code, count(*) AS hours FROM by_hour GROUP BY 1",
}
DELIVERY = {"title": {"zh": "流量交付", "en": "counts"}, "department": "应急局", "mart": "cars"}
Hours = Mapping[tuple[str, int], int]
"""(device, hour) → flow."""


@dataclass
class Sender:
    """The city's lake, and what its deliveries say."""

    trial: Trial
    files: int = 0
    hours: dict[tuple[str, int], int] = field(default_factory=dict)

    def count(self, hours: Hours) -> None:
        """A file of counts, pulled and published. Each is newer than those before it."""
        self.files += 1
        rows = [f"2026-03-01 {hour:02}:00,{device},{flow}" for (device, hour), flow in hours.items()]
        path = self.trial.root / f"files/{self.files:03}.csv"
        path.write_text("\n".join(["time,device,flow", *rows, ""]), encoding="utf-8")
        os.utime(path, (1_800_000_000 + self.files, 1_800_000_000 + self.files))
        outcome = self.trial.run()
        assert outcome.exit_code == 0, outcome.document
        self.hours |= hours

    @property
    def published(self) -> dict[tuple[str, int], int]:
        """The hours that the mart has."""
        return {key: flow for key, flow in self.hours.items() if flow > 0}

    def declare(self, name: str, target: Mapping[str, Any], **words: Any) -> None:
        self.trial.declare(f"deliveries/{name}", {"delivery": name, **DELIVERY, "target": dict(target), **words})

    def context(self) -> RunContext:
        registry, this = load_valid_registry(self.trial.root / "workspace"), new_run()
        asked = Asked("clerk", "cli", "test")
        made = RunContext(registry, self.trial.lake, self.trial.ledger, this, run_variables(registry, this))
        return replace(made, asked=asked)

    def deliver(self, *names: str) -> list[DeliveryOutcome]:
        """As ``citylake deliver`` does it."""
        context = self.context()
        return make_deliveries(context, find_deliveries(context, names))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptFolder:
    return KeptFolder(tmp_path_factory.mktemp("deliveries"))


@pytest.fixture
def sender(kept: KeptFolder) -> Sender:
    """Three hours of two devices are published."""
    made = Sender(Trial(kept.root))

    def make() -> None:
        declare_packs(kept.root / "workspace")
        for folder in ("files", "out"):
            (kept.root / folder).mkdir()
        made.trial.declare("datasets/traffic/cars", CARS)
        made.trial.declare("marts/cars/mart", MART)
        for table, select in SELECTS.items():
            (kept.root / f"workspace/marts/cars/{table}.sql").write_text(select, encoding="utf-8")
        made.count(FIRST)

    kept.restore(make)
    made.files, made.hours = 1, dict(FIRST)
    return made


FIRST = {("A1", 7): 10, ("A1", 8): 30, ("B2", 7): 5}


@pytest.fixture
def exchange(sender: Sender) -> Path:
    """The exchange folder."""
    return sender.trial.root / "out"


FOLDER = {"kind": "folder", "path": "${WORKSPACE}/../out"}


@pytest.fixture
def front_end(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """The receiver's PostgreSQL."""
    monkeypatch.setenv("CITYLAKE_CONN_EMERGENCY", json.dumps({"uri": postgres.uri}))
    return postgres


DATABASE = {"kind": "database", "connection": "emergency"}


def received_files(folder: Path) -> list[dict[str, Any]]:
    """The manifests of an exchange folder, in order."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*/manifest.json")]
    return sorted(found, key=lambda each: int(each["number"]))


def applied(folder: Path) -> dict[tuple[str, int], int]:
    """What a receiver has that applies every delivery of the hours in order."""
    held: dict[tuple[str, int], int] = {}
    for manifest in received_files(folder):
        (table,) = (each for each in manifest["tables"] if each["name"] == "by_hour")
        path = folder / manifest["id"] / table["file"]
        rows = duckdb.connect().sql(f"FROM read_csv('{path}', all_varchar = true)")
        if manifest["mode"] == "full":
            held = {}
        for row in (dict(zip(rows.columns, each, strict=True)) for each in rows.fetchall()):
            key = (row["device_code"], int(row["hour_start"][11:13]))
            if row.get("_operation") == "D":
                held.pop(key)
            else:
                held[key] = int(row["flow_veh"])
    return held


def kill_at(monkeypatch: pytest.MonkeyPatch, module: object, name: str, call: int, *, after: bool) -> None:
    """End the run before or after a call of a function: nothing in it catches this, as nothing catches a kill."""
    real, calls = getattr(module, name), []

    def dying(*words: object, **named: object) -> object:
        calls.append(name)
        if len(calls) == call and not after:
            raise KeyboardInterrupt
        done = real(*words, **named)
        if len(calls) == call:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(module, name, dying)
