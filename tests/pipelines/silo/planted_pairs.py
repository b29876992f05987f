"""Pairs of datasets that are made to meet by one path, with columns beside it that might mislead."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.pipelines.silo.silo_lake import SiloLake

STATES = ("1", "2", "3")
REGIONS = tuple(f"{each:06d}" for each in range(330102, 330112))
START = date(2025, 1, 1)
Columns = frozenset[tuple[str, str]]


def plant(seed: int, folder: Path) -> tuple[SiloLake, Columns]:
    """A lake with ``a.facts`` and ``b.other``, and the columns by which they meet."""
    city = SiloLake(folder)
    chance = random.Random(seed)
    for name, kind in (("thing_no", "id"), ("part_no", "id"), ("other_no", "id"), ("title", "name"), ("note_no", "id")):
        city.element(name, kind)
    for name, kind in (("day", "day"), ("at", "at"), ("valid_from", "day"), ("valid_to", "day"), ("amount", "measure")):
        city.element(name, kind, **({"period": "1h"} if name == "at" else {}))
    city.element("state", "code", STATES)
    city.element("region", "code", REGIONS)
    makers: list[Callable[[SiloLake, random.Random], Columns]] = [_register, _two_columns, _periods, _hours, _through]
    return city, makers[seed % len(makers)](city, chance)


def _numbers(chance: random.Random, count: int) -> list[str]:
    return [f"N{each:05d}" for each in chance.sample(range(100_000), count)]


def _facts(city: SiloLake, chance: random.Random, count: int, own: dict[str, tuple[str, list[Any]]]) -> None:
    """Facts with the columns ``own``, and a state, a region, a day and an amount that may mislead."""
    days = [START + timedelta(chance.randrange(60)) for _ in range(count)]
    columns = {
        "fact_no": ("note_no", _numbers(chance, count)),
        **own,
        "state": ("state", chance.choices(STATES, k=count)),
        "region": ("region", chance.choices(REGIONS, k=count)),
        "day": ("day", days),
        "amount": ("amount", [chance.random() for _ in range(count)]),
    }
    fields = {name: element for name, (element, _) in columns.items()}
    city.dataset(
        "a.facts",
        fields,
        {name: values for name, (_, values) in columns.items()},
        {"mode": "upsert", "key": ["fact_no"]},
    )


def _register(city: SiloLake, chance: random.Random) -> Columns:
    """A register of things, some of which the facts do not name, and facts of some that it does not have."""
    known, unknown = (things := _numbers(chance, 260))[:200], things[200:]
    named = chance.choices(known[: chance.randrange(60, 200)], k=300) + chance.choices(unknown, k=chance.randrange(80))
    _facts(city, chance, len(named), {"thing": ("thing_no", list(named))})
    rows: dict[str, list[Any]] = {
        "thing_no": known,
        "state": chance.choices(STATES, k=200),
        "region": chance.choices(REGIONS, k=200),
        "day": [START + timedelta(chance.randrange(60)) for _ in known],
    }
    fields = {"thing_no": "thing_no", "state": "state", "region": "region", "day": "day"}
    city.dataset("b.other", fields, rows, {"mode": "upsert", "key": ["thing_no"]})
    return frozenset({("thing", "thing_no")})


def _two_columns(city: SiloLake, chance: random.Random) -> Columns:
    """A register whose key has two columns, neither of which names an entry alone."""
    pairs = [(f"T{one}", f"P{other}") for one in range(20) for other in range(10)]
    chosen = chance.choices(pairs[: chance.randrange(100, 200)], k=300)
    _facts(city, chance, 300, {"t": ("thing_no", [a for a, _ in chosen]), "p": ("part_no", [b for _, b in chosen])})
    rows = {"t": [a for a, _ in pairs], "p": [b for _, b in pairs], "region": chance.choices(REGIONS, k=200)}
    fields = {"t": "thing_no", "p": "part_no", "region": "region"}
    city.dataset("b.other", fields, rows, {"mode": "upsert", "key": ["t", "p"]})
    return frozenset({("t", "t"), ("p", "p")})


def _periods(city: SiloLake, chance: random.Random) -> Columns:
    """A register in which a number names another entry from some day on."""
    things = _numbers(chance, 100)
    _facts(city, chance, 300, {"thing": ("thing_no", chance.choices(things[:80], k=300))})
    turn = START + timedelta(chance.randrange(10, 50))
    rows: dict[str, list[Any]] = {
        "thing_no": things + things,
        "state": chance.choices(STATES, k=200),
        "valid_from": [START] * 100 + [turn] * 100,
        "valid_to": [turn] * 100 + [None] * 100,
    }
    fields = {"thing_no": "thing_no", "state": "state", "valid_from": "valid_from", "valid_to": "valid_to"}
    write = {"mode": "snapshot", "key": ["thing_no"], "valid": {"from": "valid_from", "to": "valid_to"}}
    city.dataset("b.other", fields, rows, write)
    return frozenset({("thing", "thing_no"), ("day", "valid_from")})


def _hours(city: SiloLake, chance: random.Random) -> Columns:
    """Two series of one network: a station and an hour."""
    stations, hours = (
        _numbers(chance, 12),
        [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(40)],
    )
    series = [(station, hour) for station in stations for hour in hours]
    key = {"mode": "upsert", "key": ["station", "at"]}
    for name, share in (("a.facts", 0.7), ("b.other", chance.uniform(0.3, 0.9))):
        rows = chance.sample(series, int(share * len(series)))
        values: dict[str, list[Any]] = {
            "station": [a for a, _ in rows],
            "at": [b for _, b in rows],
            "state": chance.choices(STATES, k=len(rows)),
        }
        city.dataset(name, {"station": "thing_no", "at": "at", "state": "state"}, values, key)
    return frozenset({("station", "station"), ("at", "at")})


def _through(city: SiloLake, chance: random.Random) -> Columns:
    """Two numbers for the same things, which a third dataset has side by side."""
    one, other = _numbers(chance, 150), [f"Z{each}" for each in _numbers(chance, 150)]
    _facts(city, chance, 300, {"thing": ("thing_no", chance.choices(one, k=300))})
    rows = {"other": other, "state": chance.choices(STATES, k=150), "region": chance.choices(REGIONS, k=150)}
    fields = {"other": "other_no", "state": "state", "region": "region"}
    city.dataset("b.other", fields, rows, {"mode": "upsert", "key": ["other"]})
    both = {"thing": one, "other": other}
    city.dataset("c.both", {"thing": "thing_no", "other": "other_no"}, both, {"mode": "upsert", "key": ["thing"]})
    return frozenset({("thing", "other")})
