"""A dataset for each way of writing, and files of three days with corrections, late rows, repeats and bad values."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

WORKSPACE = Path(__file__).parent / "workspace"
DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")
FIELDS: Mapping[str, Any] = {
    "day": {"element": "time.day", "format": "%Y-%m-%d"},
    "station": {"element": "place.station_code", "required": True},
    "hour": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai"},
    "pm25": {"element": "air.pm25", "unit": "ug/m3"},
    "revised": {"element": "time.revised", "format": "%Y-%m-%d"},
}
REGISTER: Mapping[str, Any] = {
    "day": {"element": "time.day", "format": "%Y-%m-%d"},
    "station": {"element": "place.station_code", "required": True},
    "kind": {"element": "place.station_kind"},
}
KEY, BY_DAY = ["station_code", "hour_start"], "day(hour_start)"
WRITES: Mapping[str, Mapping[str, Any]] = {
    "latest": {"mode": "upsert", "key": KEY, "partition": BY_DAY, "latest_by": "revised"},
    "upsert": {"mode": "upsert", "key": KEY, "partition": BY_DAY},
    "append": {"mode": "append", "partition": BY_DAY},
    "replace": {"mode": "replace", "partition": BY_DAY, "replace_min": 0.01},
    "register": {"mode": "snapshot", "key": ["station_code"], "effective": "day", "replace_min": 0.01},
}
"""By dataset ``air.NAME``."""


@dataclass(frozen=True, slots=True)
class BackfillCity:
    """The declarations and the inbox in the folder ``workspace``."""

    workspace: Path

    def create(self) -> None:
        """Write the declarations."""
        shutil.copytree(WORKSPACE, self.workspace)
        folder = self.workspace / "datasets/air"
        folder.mkdir(parents=True)
        for name, write in WRITES.items():
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(_contract(name, write), allow_unicode=True), "utf-8")

    def put(self, mode: str, name: str, lines: list[str]) -> None:
        """Place a file, in one step, as a source that is read meanwhile does it."""
        path = self.workspace / "inbox" / mode / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text("\n".join([*lines, ""]), "utf-8")
        part.replace(path)

    def final_files(self, mode: str) -> dict[str, list[str]]:
        """The lines of each file as the source offers it now."""
        return {
            path.name: path.read_text("utf-8").splitlines()
            for path in sorted((self.workspace / "inbox" / mode).glob("*.csv"))
        }


def _contract(name: str, write: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dataset": f"air.{name}",
        "title": {"zh": "读数", "en": "readings"},
        "owner": {"department": "生态环境局"},
        "source": {
            "connector": "files",
            "path": f"${{IN}}/{name}/*.csv",
            "format": "csv",
            "name_fields": "(?P<day>[0-9-]{10})",
        },
        "fields": dict(REGISTER if name == "register" else FIELDS),
        "write": dict(write),
        "expect": {"quarantine_share": 0.9},
    }


def readings(random: Random, days: list[str], revised: int) -> list[str]:
    """Readings of some days with a repeat and a value that is no number; ``revised``: the day of the revision."""
    rows = [
        f"S{station},{day} {hour:02d}:00,{random.randint(1, 99)}.0,2026-04-{revised:02d}"
        for day in days
        for station in (1, 2)
        for hour in random.sample((0, 6, 12, 18), 3)
    ]
    bad = f"S9,{days[0]} 00:00,a lot,2026-04-{revised:02d}"
    return ["station,hour,pm25,revised", *rows, rows[0], bad]


def register(random: Random) -> list[str]:
    """A register of the stations, of which one may be missing, and one is without a code."""
    stations = [f"S{n},{random.choice(('road', 'park', 'port'))}" for n in (1, 2, 3) if n == 1 or random.random() < 0.7]
    return ["station,kind", *stations, ",road"]
