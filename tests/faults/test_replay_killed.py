"""A replay that is killed is completed by the next one; beside a run or another replay it leaves every row once."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import polars as pl
import pytest

from tests.declared import DEMO, declare_packs
from tests.forked.commands import Forked, ForkedCommands

DATASET = "h.x"
ROWS, FILES = 20_000, 3
CONTRACT = """
dataset: h.x
title: {zh: 题, en: title}
owner: {department: 市交通运输局}
source: {connector: files, path: "${IN}/*.csv", format: csv}
fields:
  t: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, label: start}
  dev: {element: traffic.device_code}
  v: {element: traffic.mean_speed, unit: UNIT}
write: {mode: append, partition: day(hour_start)}
expect: {quarantine_share: 1.0}
"""


def command(forked: ForkedCommands, root: Path, *arguments: str) -> Forked:
    options = ["--workspace", str(root / "workspace"), "--lake", str(root / "lake")]
    return forked.start([*options, *arguments], {**os.environ, "IN": str(root / "in")})


def declare(root: Path, unit: str) -> None:
    (root / "workspace/datasets").mkdir(exist_ok=True)
    (root / "workspace/datasets/x.yaml").write_text(CONTRACT.replace("UNIT", unit), "utf-8")


@pytest.fixture(scope="module")
def ran(forked: ForkedCommands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliveries in km/h by the contract of their time; every hundredth speed is no number."""
    root = tmp_path_factory.mktemp("ran")
    declare_packs(root / "workspace", extends=DEMO)
    declare(root, "km/h")
    (root / "in").mkdir()
    for number in range(FILES):
        lines = (
            f"2026-03-0{number + 1} {row % 24:02d}:00,D{row},{'x' if row % 100 == 0 else 10}" for row in range(ROWS)
        )
        (root / f"in/{number}.csv").write_text("\n".join(["t,dev,v", *lines, ""]), "utf-8")
    assert command(forked, root, "run").wait() == 0
    declare(root, "m/s")
    return root


@pytest.fixture
def lake(ran: Path, tmp_path: Path) -> Path:
    """A copy in another place, with the source's files."""
    root = tmp_path / "copy"
    shutil.copytree(ran, root)
    return root


def check(root: Path) -> None:
    """Every row once, in its new meaning."""
    standard = pl.read_delta(str(root / "lake/standard" / DATASET)).select(
        "device_code", "hour_start", "mean_speed_kmh"
    )
    assert standard["mean_speed_kmh"].unique().to_list() == [36.0]
    assert (standard.height, standard.n_unique()) == (ROWS * FILES * 99 // 100, ROWS * FILES * 99 // 100)
    assert pl.read_delta(str(root / "lake/quarantine" / DATASET)).height == ROWS * FILES // 100


@pytest.mark.parametrize("reached", [1, 4, 8])
def test_a_killed_replay_is_completed_by_the_next_one(forked: ForkedCommands, lake: Path, reached: int) -> None:
    def files() -> int:
        return sum(1 for _ in (lake / "lake").rglob("*.parquet"))

    before, deadline = files(), time.monotonic() + 60
    killed = command(forked, lake, "replay", DATASET)
    while files() < before + reached and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert command(forked, lake, "replay", DATASET).wait() == 0
    check(lake)


@pytest.mark.parametrize("other", [["replay", DATASET], ["run"]])
def test_beside_another_command_every_row_is_there_once(forked: ForkedCommands, lake: Path, other: list[str]) -> None:
    first, second = command(forked, lake, "replay", DATASET), command(forked, lake, *other)
    assert {first.wait(), second.wait()} == {0}
    check(lake)
