"""The story of one dataset: files come and are corrected while workers ingest them; then what the lake must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import Ledger
from tests.faults.workers.backfill_city import DAYS, BackfillCity, readings, register
from tests.faults.workers.stepped_workers import Crew, Worker, WorkerLake, stopping_workers

Row = tuple[str, str, int]
"""Name of a file, the first digits of its SHA-256, and the row."""


def tell_story(mode: str, seed: int, folder: Path, lake: str = "") -> list[str]:
    """Tell it. Return what is wrong in the end."""
    random, city = Random(f"{mode} {seed}"), BackfillCity(folder / "workspace")
    city.create()
    world, dataset = WorkerLake(city.workspace, lake or str(folder / "lake")), f"air.{mode}"
    events = _deliveries(city, mode, random)
    there = random.randint(1, len(events))
    for event in events[:there]:
        event()
    days = [date.fromisoformat(day) for day in DAYS]
    windows = [*days, *random.choices([None, *days], k=random.randint(0, 3))]
    jobs: list[Callable[[], Worker]] = [partial(world.worker, str(window), dataset, window) for window in windows]
    crew = Crew(random, jobs, events[there:], at_once=random.randint(2, 4), kills=random.randint(0, 3))
    with stopping_workers():
        crew.work()
    problems = [_told(worker) for worker in crew.done if worker.error or _bad(worker)]
    problems += [f"before the last run: {line}" for line in _twice(world, dataset)]
    problems += _run_in_peace(world, dataset)
    return [*problems, *_twice(world, dataset), *_wrong_rows(world, city, mode), *_lost(world, dataset)]


def _deliveries(city: BackfillCity, mode: str, random: Random) -> list[Callable[[], None]]:
    """A file for each day, late rows where the mode has them, then corrections: new versions, or files beside."""
    revision = iter(range(1, 28))

    def deliver(day: str, name: str, days: list[str]) -> None:
        lines = register(random) if mode == "register" else readings(random, days, next(revision))
        city.put(mode, f"{day}{name}.csv", lines)

    late = [] if mode in ("replace", "register") else [partial(deliver, DAYS[1], "-late", [DAYS[0], DAYS[1]])]
    again = [
        partial(deliver, day, random.choice(("", "-b")), [day]) for day in random.choices(DAYS, k=random.randint(1, 3))
    ]
    later = late if random.random() < 0.4 else []
    return [*(partial(deliver, day, "", [day]) for day in DAYS), *late, *again, *later]


def _run_in_peace(world: WorkerLake, dataset: str) -> list[str]:
    """The next runs complete what is left, and the last of them finds nothing to do."""
    told = [[result.status for result in world.ingest(dataset)] for _ in range(3)]
    well = all(status in ("committed", "unchanged") for each in told for status in each)
    return [] if well and set(told[-1]) == {"unchanged"} else [f"the runs in peace: {told}"]


def _bad(worker: Worker) -> bool:
    return any(result.status not in ("committed", "unchanged") for result in worker.results)


def _told(worker: Worker) -> str:
    return f"{worker.name}: {worker.error!r} {[(r.status, r.problems) for r in worker.results]}"


def _standard(world: WorkerLake, dataset: str) -> pl.DataFrame:
    return pl.read_delta(world.lake.standard(dataset), storage_options=world.lake.storage_options)


def _receipts(world: WorkerLake, dataset: str) -> pl.DataFrame:
    return Ledger(world.lake).read("receipts").filter(pl.col("dataset") == dataset, pl.col("status") == "received")


def _names(world: WorkerLake, dataset: str) -> dict[str, str]:
    rows = _receipts(world, dataset).select("id", "name", "sha256").iter_rows()
    return {identity: f"{name} {sha256[:8]}" for identity, name, sha256 in rows}


def _places(frame: pl.DataFrame, named: dict[str, str]) -> Counter[tuple[str, int]]:
    return Counter((named.get(receipt, receipt), row) for receipt, row in frame.select("_receipt", "_row").iter_rows())


def _twice(world: WorkerLake, dataset: str) -> list[str]:
    """Rows of the source that are in the standard table twice."""
    lake = world.lake
    if not lake.fs.exists(f"{lake.standard(dataset)}/_delta_log"):
        return []
    if dataset == "air.register":  # an interval that is split has its row on both sides
        return []
    places = _places(_standard(world, dataset), _names(world, dataset))
    return [f"{place} is in the table {count} times" for place, count in places.items() if count > 1]


def _lost(world: WorkerLake, dataset: str) -> list[str]:
    """Rows of committed receipts that are nowhere, or both good and refused."""
    named, ledger, lake = _names(world, dataset), Ledger(world.lake), world.lake
    batches = ledger.read("batches").filter(pl.col("dataset") == dataset, pl.col("status") == "committed")
    read = {named[receipt] for receipts in batches["receipts"] for receipt in receipts}
    standard = _places(_standard(world, dataset), named)
    told_of = {name for name, _ in standard} - read
    read |= told_of
    refused = pl.read_delta(lake.quarantine(dataset), storage_options=lake.storage_options)
    open_ = _places(refused.filter(state="open"), named)
    lost = ledger.read("duplicates").filter(pl.col("dataset") == dataset)
    dropped = _places(lost, named)
    known = {*standard, *_places(refused, named), *dropped}
    files = {
        f"{name} {sha256[:8]}": landing[0]
        for name, sha256, landing in _receipts(world, dataset).select("name", "sha256", "landing").iter_rows()
    }
    problems = [f"{name} is in the table, and in no batch" for name in sorted(told_of)]
    for name in sorted(read):
        lines = lake.fs.cat_file(files[name]).decode().splitlines()
        problems += [
            f"{name} row {n} is nowhere: {lines[n - 1]}" for n in range(2, len(lines) + 1) if (name, n) not in known
        ]
    problems += [f"{place} is good and refused" for place in open_ if place in standard]
    told = pl.col("rows_standard") + pl.col("rows_quarantined") + pl.col("rows_duplicate") + pl.col("rows_filtered")
    problems += [f"batch {batch} does not add up" for batch in batches.filter(pl.col("rows_in") != told)["batch"]]
    return problems


def _wrong_rows(world: WorkerLake, city: BackfillCity, mode: str) -> list[str]:
    """The difference between the table and what the deliveries, in the order of their receipts, must give."""
    dataset = f"air.{mode}"
    landed = _receipts(world, dataset).sort("id")
    texts = {
        row["id"]: (row["name"], world.lake.fs.cat_file(row["landing"][0]).decode().splitlines())
        for row in landed.iter_rows(named=True)
    }
    final = city.final_files(mode)
    last = dict(texts.values())
    problems = [
        f"the newest receipt of {name} is not what the source offers" for name in final if last.get(name) != final[name]
    ]
    names = (
        ("station_code", "station_kind", "valid_from", "valid_to")
        if mode == "register"
        else ("station_code", "hour_start", "pm25_ugm3", "revised")
    )
    found = sorted(map(str, _standard(world, dataset).select(_shown(names)).rows()))
    wanted = sorted(map(str, _model(mode, list(texts.values()))))
    if found != wanted:
        surplus, missing = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
        problems.append(f"table: surplus {sorted(surplus.elements())[:4]}, missing {sorted(missing.elements())[:4]}")
    return problems


def _shown(names: tuple[str, ...]) -> list[Any]:
    hour = pl.col("hour_start").dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M")
    day = ("valid_from", "valid_to", "revised")
    return [
        hour if name == "hour_start" else pl.col(name).cast(pl.String) if name in day else pl.col(name)
        for name in names
    ]


def _model(mode: str, deliveries: list[tuple[str, list[str]]]) -> list[tuple[Any, ...]]:
    """The rows of the table, from all deliveries in order; the same bytes on end count at their first arrival."""
    if mode == "register":
        return _intervals({name[:10]: lines for name, lines in _first_arrivals(deliveries)})
    arrived = _first_arrivals(deliveries)
    rows = [(name, each) for name, lines in arrived for each in map(_reading, lines[1:]) if each]
    if mode == "append":
        last = dict(arrived)
        return [row for lines in last.values() for row in filter(None, map(_reading, lines[1:]))]
    if mode == "replace":
        owner = {name[:10]: lines for name, lines in arrived}
        return [row for lines in owner.values() for row in filter(None, map(_reading, lines[1:]))]
    held: dict[Any, tuple[Any, ...]] = {}
    for _, row in rows:
        before = held.get(row[:2])
        if before is None or mode == "upsert" or before[3] <= row[3]:
            held[row[:2]] = row
    return list(held.values())


def _first_arrivals(deliveries: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    seen: dict[str, list[str]] = {}
    kept = []
    for name, lines in deliveries:
        if seen.get(name) != lines:
            kept.append((name, lines))
        seen[name] = lines
    return kept


def _reading(line: str) -> tuple[Any, ...] | None:
    station, hour, value, revised = line.split(",")
    return None if value == "a lot" else (station, hour, float(value), revised)


def _intervals(registers: dict[str, list[str]]) -> list[tuple[Any, ...]]:
    found, days = [], sorted(registers)
    for station in ("S1", "S2", "S3"):
        state = None
        for day in days:
            kinds = dict(line.split(",") for line in registers[day][1:])
            kind = kinds.get(station)
            if kind != state:
                if state is not None:
                    found[-1][3] = day
                if kind is not None:
                    found.append([station, kind, day, None])
            state = kind
    return [tuple(each) for each in found]
