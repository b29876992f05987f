"""Figures as a Markdown table and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measure.program import Measured


@dataclass(frozen=True, slots=True)
class Table:
    """One job's result. Each ratio is ``seconds of the base / seconds of this`` in one turn: more is faster."""

    job: str
    what: str
    base: str
    measured: Sequence[Measured]
    rows: int | None = None
    """Rows that each program processed, for rows per second."""
    facts: dict[str, Any] | None = None
    """Derived figures, and their targets."""

    def values(self) -> dict[str, Any]:
        """The values as JSON types."""
        return {
            "job": self.job,
            "what": self.what,
            "base": self.base,
            "rows": self.rows,
            "programs": [self._row(item) | {"runs": [asdict(run) for run in item.samples]} for item in self.measured],
            "facts": self.facts or {},
        }

    def _row(self, item: Measured) -> dict[str, Any]:
        base = next(other for other in self.measured if other.name == self.base)
        return {
            "program": item.name,
            "seconds": round(item.seconds, 3),
            "cpu_seconds": round(item.cpu_seconds, 3),
            "ratio": round(item.ratio(base), 3),
            "cpu_ratio": round(item.cpu_ratio(base), 3),
            "rows_per_second": round(self.rows / item.seconds) if self.rows else None,
            "peak_mb": round(item.peak_mb),
            "own_mb": round(item.own_mb),
        }

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [f"### {self.job}", "", self.what, ""]
        lines += [
            f"| program | seconds | CPU s | ratio to {self.base} | ratio of CPU s | rows/s | peak MiB | own MiB |",
            "|---|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for row in map(self._row, self.measured):
            rate = f"{row['rows_per_second']:,}" if row["rows_per_second"] else ""
            figures = (f"{row[name]:.2f}" for name in ("seconds", "cpu_seconds", "ratio", "cpu_ratio"))
            told = (row["program"], *figures, rate)
            lines.append(f"| {' | '.join(told)} | {row['peak_mb']:,} | {row['own_mb']:,} |")
        return "\n".join([*lines, "", *(f"- {name}: {value}" for name, value in (self.facts or {}).items())])
