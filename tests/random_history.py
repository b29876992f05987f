"""A lake with a random history of ninety days, and what its marts held after every run of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl

from citylake.pipelines.lake.delta_table import delta_exists, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import POINTER_FILE
from citylake.pipelines.lake.noted_rows import count_rows, noted_rows
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from citylake.pipelines.upkeep.lake_tables import LakeTable
from tests.decided import correct_rows, correct_value, decide_rows
from tests.held_trial import context_of, decide, held
from tests.random_declarations import MANUAL, READINGS, STATIONS, WRITES, Declared
from tests.trial import Trial

FIRST_DAY = date(2026, 3, 1)
DAYS = 90
MARTS = {"air": ("station_day",), "city": ("city_day",)}


@dataclass
class History:
    """``seen``: the time after each run, and the rows of every table of every mart that readers then had."""

    trial: Trial
    random: Random
    declared: Declared
    seen: list[tuple[datetime, dict[str, list[Any]]]] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    """What happened, for the message of a failure."""

    def live(self, runs: int) -> None:
        """Live through ninety days, with so many runs."""
        self.declared.write(self.trial)
        self._register(FIRST_DAY)
        every, events = DAYS // runs, list[Callable[[], None]]()
        for number in range(runs):
            for day in range(number * every, (number + 1) * every):
                self._deliver(FIRST_DAY + timedelta(day))
            if number:
                # Every kind comes once before one comes again: a short history has many kinds.
                events = events or self.random.sample(self._events(), len(self._events()))
                events.pop()()
            self._run()

    def _events(self) -> list[Callable[[], None]]:
        return [
            self._correct_file, self._correct_all, self._late_rows, self._remove_files, self._new_register,
            self._change_contract, self._change_element, self._change_sql, self._correct_value, self._decide_row,
            self._bad_file, self._decide_held, self._replay, self._upkeep,
        ]  # fmt: skip

    def _run(self) -> None:
        outcome = self.trial.run()
        assert outcome.exit_code in (0, 2), (outcome.document, self.acts)
        self.acts.append(f"run {outcome.exit_code}")
        self.see()

    def see(self) -> None:
        """Note what readers have now. The last commit of each table notes its rows, whatever has happened to it."""
        lake = self.trial.lake
        for root in (zone(dataset) for zone in (lake.standard, lake.quarantine) for dataset in (READINGS, MANUAL)):
            table = open_delta_if_exists(lake, root)
            assert noted_rows(lake, root) == (count_rows(table) if table else 0), (root, self.acts)
        found: dict[str, list[Any]] = {}
        for mart, tables in MARTS.items():
            folder = Path(self.trial.lake.mart(mart))
            if (folder / POINTER_FILE).exists():
                file = folder / json.loads((folder / POINTER_FILE).read_text())["file"]
                found |= {f"{mart}.{table}": table_rows(file, table) for table in tables}
        self.seen.append((datetime.now(UTC), found))

    def _file(self, dataset: str, name: str) -> Path:
        path = self.trial.root / "workspace/inbox" / dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _deliver(self, day: date) -> None:
        for dataset in (READINGS, MANUAL):
            if self.random.random() < (0.5 if dataset == READINGS else 0.2):
                self._write(dataset, f"{day}.csv", [day])

    def _write(self, dataset: str, name: str, days: list[date], share_bad: float = 0.1) -> None:
        lines = ["station,hour,pm25"]
        for _ in range(self.random.randint(2, 6)):
            hour = f"{self.random.choice(days)} {self.random.randint(0, 5):02}:00"
            value = self.random.choice(["x", "-5", "700", "?"]) if self.random.random() < share_bad else None
            shown = value or f"{self.random.randint(1, 4000) / 10}"
            lines.append(f"S{self.random.randint(1, 4)},{hour},{shown}")
        lines.append(self.random.choice(lines[1:]))
        self._file(dataset, name).write_text("\n".join([*lines, ""]), "utf-8")

    def _register(self, day: date) -> None:
        names = [
            f"S{n},站{self.random.randint(1, 3)},{day}" for n in range(1, 5) if n < 4 or self.random.random() < 0.5
        ]
        self._file("stations", f"{day}.csv").write_text("\n".join(["code,name,day", *names, ""]), "utf-8")

    def _days_so_far(self) -> list[date]:
        names = [path.stem for path in self._file(READINGS, "x").parent.glob("2026-*.csv")]
        return [date.fromisoformat(name) for name in names if len(name) == len("2026-03-01")] or [FIRST_DAY]

    def _correct_file(self) -> None:
        day = self.random.choice(self._days_so_far())
        self.acts.append(f"corrected {day}")
        self._write(READINGS, f"{day}.csv", [day])

    def _correct_all(self) -> None:
        """Every file that is offered comes again, with other values: no row of before is left of an upsert."""
        self.acts.append("corrected all")
        for dataset in (READINGS, MANUAL):
            for path in sorted(self._file(dataset, "x").parent.glob("*.csv")):
                lines = path.read_text("utf-8").splitlines()
                rows = [line.rpartition(",") for line in lines[1:]]
                changed = [f"{key},{self.random.randint(1, 999) / 10}" for key, _, _ in rows]
                path.write_text("\n".join([lines[0], *changed, ""]), "utf-8")

    def _late_rows(self) -> None:
        days = self._days_so_far()
        self.acts.append("late")
        self._write(MANUAL, f"late-{len(self.acts)}.csv", self.random.sample(days, min(3, len(days))))

    def _remove_files(self) -> None:
        self.acts.append("removed")
        for dataset in (READINGS, MANUAL):
            for path in sorted(self._file(dataset, "x").parent.glob("*.csv"))[:-3]:
                path.unlink()

    def _new_register(self) -> None:
        day = FIRST_DAY + timedelta(self.random.randint(1, DAYS))
        self.acts.append(f"register {day}")
        self._register(day)

    def _change_contract(self) -> None:
        """Another unit: every receipt is read again, or the next batch is held because it would mix two meanings."""
        units = {"ug/m3": "mg/m3", "mg/m3": "ug/m3"}
        self.declared.unit = units[self.declared.unit]
        self.acts.append(f"unit {self.declared.unit}")
        self.declared.write(self.trial)
        found = [self.trial.replay(name).status for name in (READINGS, MANUAL)]
        if "held" in found:
            # The contract was right before.
            self.declared.unit = units[self.declared.unit]
            self.declared.write(self.trial)
            found += [self.trial.replay(name).status for name in (READINGS, MANUAL)]
        self.acts.append(f"replays {found}")

    def _change_element(self) -> None:
        self.declared.highest = 1000 if self.declared.highest == 300 else 300
        self.acts.append(f"range {self.declared.highest}")
        self.declared.write(self.trial)

    def _change_sql(self) -> None:
        self.declared.counted = "r.pm25_ugm3" if self.declared.counted == "*" else "*"
        self.declared.total = "max(pm25_ugm3)" if self.declared.total.startswith("count") else "count(*)::DOUBLE"
        self.acts.append("sql")
        self.declared.write(self.trial)

    def _correct_value(self) -> None:
        self.acts.append("value")
        correct_value(
            self.trial.ledger, READINGS, f"value-{len(self.acts)}", "pm25", "x", str(self.random.randint(1, 9))
        )
        self._replay(quarantine=True)

    def _decide_row(self) -> None:
        rows = self._open_rows()
        if not rows:
            return
        place, act = self.random.choice(rows), f"row-{len(self.acts)}"
        decision = self.random.choice(["corrected", "discarded", "released"])
        self.acts.append(f"{decision} {place}")
        if decision == "corrected":
            value = json.loads(place[3])["pm25"]
            correct_rows(self.trial.ledger, READINGS, act, [(place[:3], "pm25", value, "33")])
        else:
            decide_rows(self.trial.ledger, READINGS, act, decision, [place[:3]])
        self._replay(quarantine=True)

    def _open_rows(self) -> list[Any]:
        if not Path(self.trial.lake.quarantine(READINGS)).exists():
            return []
        rows = self.trial.quarantine(READINGS).filter(pl.col("_part").fill_null("") == "").sort("_receipt", "_row")
        return [(receipt, "", row, raw) for receipt, row, raw in rows.select("_receipt", "_row", "raw").iter_rows()]

    def _bad_file(self) -> None:
        self.acts.append("bad")
        self._write(READINGS, f"bad-{len(self.acts)}.csv", self._days_so_far(), share_bad=0.95)

    def _decide_held(self) -> None:
        waiting = held(self.trial)
        if waiting:
            decision = self.random.choice(["release", "reject"])
            self.acts.append(f"{decision} {waiting[0].batch}")
            decide(self.trial, "release" if decision == "release" else "reject", waiting[0].batch)
            self.see()

    def _replay(self, **chosen: Any) -> None:
        found = self.trial.replay(READINGS, **chosen)
        self.acts.append(f"replay {found.status}")

    def _upkeep(self) -> None:
        """Compact the tables, and delete every file that is no longer part of one: no version of a table is left."""
        self.acts.append("upkeep")
        work = LakeUpkeep(context_of(self.trial), age=timedelta(0))
        for name in (READINGS, MANUAL, STATIONS):
            if delta_exists(self.trial.lake, self.trial.lake.standard(name)):
                assert not [each.problem for each in work.table(LakeTable("standard", name)) if each.problem]
        assert not [each.problem for each in work.sweep() if each.problem]

    def expire(self, gone: Mapping[str, Collection[str]]) -> None:
        """Remove bytes and text of receipts, by dataset, as the upkeep does it and records it."""
        ledger, counted = self.trial.ledger, {"files": 1, "size_bytes": 1, "retention_days": 30}
        for dataset, names in gone.items():
            for zone in ("landing", "raw"):
                ledger.add_removals("upkeep", zone, dataset, dict.fromkeys(sorted(names), counted))
                for folder in sorted(Path(self.trial.lake.path(zone, dataset)).rglob("*")):
                    if folder.name in names:
                        shutil.rmtree(folder)
        ledger.flush()


def table_rows(file: Path, table: str) -> list[Any]:
    """The rows of a table, sorted; numbers to nine digits, because additions have no fixed order."""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(f'FROM "{table}"').fetchall()
    digits = [tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in row) for row in rows]
    return sorted(digits, key=repr)


def live_history(root: Path, seed: int, runs: int) -> History:
    """A history in the empty folder ``root``; the same for the same seed."""
    random = Random(seed)
    modes = (random.choice(sorted(WRITES)), random.choice(sorted(WRITES)))
    history = History(Trial(root), random, Declared(modes))
    history.live(runs)
    return history
