"""The shell of docs/scale.md that spreads a backfill over processes, run as it is written, for fewer days."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from tests.small_workspace import write_small_workspace

PAGE = (Path(__file__).parents[1] / "docs/scale.md").read_text(encoding="utf-8")
DAYS = 3


def test_days_that_are_spread_over_processes_are_each_there_once(tmp_path: Path) -> None:
    root = write_small_workspace(tmp_path / "city")
    contract = root / "datasets/air/readings.yaml"
    named = contract.read_text("utf-8").replace("format: csv}", "format: csv, name_fields: '(?P<day>\\d{8})'}")
    contract.write_text(named, "utf-8")
    for file in (root / "inbox").iterdir():
        file.unlink()
    for day in range(1, DAYS + 1):
        text = f"station,hour,pm25\nS1,2026-03-0{day} 08:00,12.5\nS2,2026-03-0{day} 09:00,7.5\n"
        (root / f"inbox/air_2026030{day}.csv").write_text(text, encoding="utf-8")
    (commands,) = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "xargs" in block]
    assert "seq 0 13" in commands
    lake = Lake(str(tmp_path / "lake"))
    env = {**os.environ, "CITYLAKE_LAKE": lake.url, "CITYLAKE_WORKSPACE": str(root)}
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    few = commands.replace("seq 0 13", f"seq 0 {DAYS - 1}").replace("-P 4", "-P 2")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", few], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    days = pl.read_delta(lake.standard("air.readings")).group_by("_day").len().sort("_day")
    assert days["len"].to_list() == [2] * DAYS
    asked = re.search(r'citylake ledger "(.*?)"', PAGE)
    assert asked
    told = subprocess.run(
        ["citylake", "ledger", asked[1], "--json"], env=env, capture_output=True, text=True, check=True
    )
    assert "air.readings" in told.stdout
