"""The workspace of the year: datasets of ten departments, each with one file that its department replaces every day.

``d000`` reads the file that BENCH_FILE names: a measurement gives it new bytes there. ``d001`` has a mart.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import citylake
from benchmarks.variants import MARTS, readings, workspace

DEPARTMENTS = 10
WITH_FILE, WITH_MART = "detector.d000", "detector.d001"
MART = "traffic"
NEWS = {0, 2}
"""Exit codes of a run: done, or a batch was held or incomplete."""


@dataclass(frozen=True, slots=True)
class CityYear:
    """The workspace of so many datasets, below ``work``."""

    work: Path
    datasets: int = 200

    @property
    def names(self) -> list[str]:
        """The ids of the datasets."""
        return [f"detector.d{number:03d}" for number in range(self.datasets)]

    @property
    def folder(self) -> Path:
        """The folder of the declarations."""
        return self.work / f"workspace-year-{self.datasets}"

    def source(self, dataset: str) -> Path:
        """The file that a dataset reads."""
        return self.work / f"source-year-{self.datasets}" / f"{dataset.rpartition('.')[2]}.csv"

    @property
    def env(self) -> dict[str, str]:
        """The variables of a command over the workspace: all files are those that the last run has read."""
        return {"BENCH_FILE": str(self.source(WITH_FILE))}

    def call(self, lake: str, *words: str) -> str:
        """Run a command over ``lake``, and return what it prints. Raises RuntimeError where it fails."""
        command = citylake(self.folder, lake, *words)
        env = {**os.environ, **self.env}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode not in NEWS:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr}")
        return done.stdout

    def declare(self) -> Path:
        """Write the declarations and return their folder."""
        contracts = {name.rpartition(".")[2]: self._contract(number, name) for number, name in enumerate(self.names)}
        texts = {f"marts/{path.relative_to(MARTS)}": path.read_text() for path in MARTS.rglob("*.*")}
        texts = {path: text.replace("detector.readings", WITH_MART) for path, text in texts.items()}
        return workspace(self.folder, contracts, texts)

    def _contract(self, number: int, name: str) -> dict[str, object]:
        return readings(
            dataset=name,
            source={"path": "${BENCH_FILE}" if name == WITH_FILE else str(self.source(name))},
            owner={"department": f"第{number % DEPARTMENTS + 1}局"},
            title={"zh": f"检测器读数 {number}", "en": f"detector readings {number}"},
            expect={"freshness": "400d", "quarantine_share": 0.5, "completeness": {"device_code": 0.5}},
        )
