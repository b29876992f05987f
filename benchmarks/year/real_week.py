"""A week of one dataset and its mart, run by the product in a lake of their own: what the year repeats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.year.city_year import WITH_MART, CityYear
from benchmarks.year.day_files import WEEK, DayKind, day_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RealWeek:
    """The lake of the week, with its rows. Its days are the seven until today."""

    city: CityYear

    @property
    def root(self) -> str:
        """The folder of the lake."""
        return str(self.city.work / f"week-{self.city.datasets}")

    @property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.root)

    @cached_property
    def today(self) -> date:
        """The day on which the week was run, in UTC."""
        found: date = max(self.ledger["batches"]["recorded_at"].to_list()).date()
        return found

    @cached_property
    def ledger(self) -> dict[str, pl.DataFrame]:
        """The rows of every table of the ledger that has some."""
        store = LedgerStore(self.lake)
        found = {name: store.read(name) for name in LEDGER_TABLES}
        return {name: rows for name, rows in found.items() if rows.height}

    @cached_property
    def day_ends(self) -> list[int]:
        """For each day of the week the greatest number of its ledger rows."""
        ends: list[int] = json.loads(self.lake.fs.cat_file(self.lake.path("days.json")))
        return ends

    def happen(self) -> None:
        """Run the seven days, with what people decide on them."""
        file = self.city.source(WITH_MART)
        file.parent.mkdir(parents=True, exist_ok=True)
        ends = []
        for number, kind in enumerate(WEEK):
            day = datetime.now(UTC).date() - timedelta(days=len(WEEK) - 1 - number)
            if kind == "missing":
                file.unlink()
                self._call("run", "--dataset", WITH_MART)
            file.write_text(day_file(day, kind, number))
            self._call("run", "--dataset", WITH_MART)
            self._decide(kind)
            ends.append(max(number for rows in _numbered(self.lake) for number in rows["sequence"]))
        self.lake.fs.pipe_file(self.lake.path("days.json"), json.dumps(ends).encode())

    def _decide(self, kind: DayKind) -> None:
        why = ("--why", "已与部门核实", "--user", "operator")
        if kind == "plain":
            self._call("quarantine", "discard", "--dataset", WITH_MART, *why)
        if kind == "held":
            waiting = json.loads(self._call("held", "list", "--json"))["batches"]
            for each in waiting:
                self._call("held", "release", each["batch"], *why)

    def _call(self, *words: str) -> str:
        return self.city.call(self.root, *words)


def _numbered(lake: Lake) -> list[pl.DataFrame]:
    store = LedgerStore(lake)
    return [store.read(name) for name, module in LEDGER_TABLES.items() if "sequence" in module.SCHEMA]
