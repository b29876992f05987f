"""A small city whose runs are disturbed: every write mode, duplicates, refused rows, corrections, and one mart."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

WORKSPACE = Path(__file__).parent / "workspace"
DATASETS = ("air.daily", "air.hourly", "air.log", "air.stations")
STATIONS = ("S1", "S2", "S3")


@dataclass(frozen=True, slots=True)
class CrashCity:
    """The city below ``root``: ``workspace`` with its ``inbox``, ``lake``, and ``kept`` for backups.

    A disturbed lake and the undisturbed one have the same ``root``, one after the other: sources are named by paths.
    """

    root: Path

    @property
    def workspace(self) -> Path:
        """The folder of declarations."""
        return self.root / "workspace"

    @property
    def lake(self) -> Path:
        """The lake's folder."""
        return self.root / "lake"

    @property
    def kept(self) -> Path:
        """The folder of backups."""
        return self.root / "kept"

    def create(self) -> None:
        """Write the declarations, and nothing else."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(WORKSPACE, self.workspace)

    def deliver(self, number: int) -> None:
        """Place the files of the first delivery, or those of the second, which corrects it."""
        for name, text in _DELIVERIES[number].items():
            path = self.workspace / "inbox" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def redeclare(self) -> None:
        """Declare another time zone for the append source, so that a replay changes every row."""
        file = self.workspace / "datasets/air/log.yaml"
        file.write_text(file.read_text("utf-8").replace("zone: Asia/Shanghai", "zone: Asia/Tokyo"), "utf-8")

    def command(self, *words: str) -> list[str]:
        """The arguments of ``citylake``."""
        return ["--workspace", str(self.workspace), "--lake", str(self.lake), *words]


def _readings(days: Iterable[int], more: Iterable[str] = (), by: float = 0.0, step: int = 6) -> str:
    """Readings of every station, an exact duplicate and a value that is no number."""
    rows = [
        f"{station},2026-03-{day:02d} {hour:02d}:00,{10 * number + day + hour / 10 + by:.1f}"
        for number, station in enumerate(STATIONS, 1)
        for day in days
        for hour in range(0, 24, step)
    ]
    return "\n".join(["station,hour,pm25", *rows, rows[0], "S9,2026-03-01 00:00,a lot", *more, ""])


def _register(kinds: Mapping[str, str]) -> str:
    return "\n".join(["station,kind", *(f"{station},{kind}" for station, kind in kinds.items()), ""])


_DELIVERIES: Mapping[int, Mapping[str, str]] = {
    1: {
        "hourly/a.csv": _readings((1, 2)),
        "hourly/b.csv": _readings((2, 3), by=1.0),
        "log/a.csv": _readings((1,)),
        "daily/d1.csv": _readings((1,)),
        "daily/d2.csv": _readings((2,)),
        "stations/2026-03-01.csv": _register({"S1": "road", "S2": "park", "S3": "road"}),
    },
    2: {
        "hourly/c.csv": _readings((1, 3), by=2.0, step=8),
        "log/a.csv": _readings((1,), ["S4,2026-03-01 05:00,44.0"]),
        "log/b.csv": _readings((2,)),
        "daily/d1.csv": _readings((1,), by=3.0),
        "stations/2026-03-03.csv": _register({"S1": "park", "S3": "road", "S4": "port"}),
    },
}
