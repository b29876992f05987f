"""A chunk as text columns, and which of its values are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from benchmarks.generate import pools as pool
from benchmarks.generate.hashing import Flags, Ints
from benchmarks.generate.layout import COLUMNS, FAULTS, REGIONS, REPEATED, TIME_FORMAT
from benchmarks.generate.rows import Chunk, Plan, chunk

SUMS = ("flow", "speed", "longitude", "latitude")
"""Columns whose sums prove that units and coordinate frames were understood; speed in km/h, positions in WGS-84."""
_BAD_SPEED, _BAD_OCCUPANCY = 400, 18000


@dataclass(slots=True)
class Truth:
    """The expected result: counts, and sums over the standard rows."""

    rows: int = 0
    standard: int = 0
    quarantined: int = 0
    duplicates: int = 0
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*FAULTS, REPEATED), 0))
    days: dict[str, int] = field(default_factory=dict)
    sums: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("flow", "speed", "longitude", "latitude"), 0.0)
    )

    def add(self, other: Truth) -> None:
        """Add the counts of ``other``."""
        for name in ("rows", "standard", "quarantined", "duplicates"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.faults, other.faults), (self.days, other.days), (self.sums, other.sums)):
            for key, value in theirs.items():
                mine[key] = mine.get(key, 0) + value  # type: ignore[assignment]


class Writer:
    """Generates the chunks of one plan; its lookup tables are generated once."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.pools = plan, plan.pools
        seconds = pl.Series(plan.moment_seconds() * 1000).cast(pl.Datetime("ms"))
        self.days = seconds.dt.strftime("%Y-%m-%d").to_numpy()
        self.times = _texts([*seconds.dt.strftime(TIME_FORMAT), *pool.BAD_TIMES])
        self.devices = _texts([*self.pools.devices, *pool.BAD_DEVICES])
        self.operators = _texts(self.pools.operators)
        self.roads = _texts(self.pools.roads)
        self.regions = _texts([*REGIONS, *pool.BAD_REGIONS])
        self.tenths = _texts([f"{n / 10:.1f}" for n in range(_BAD_SPEED * 10 + 1)])
        self.hundredths = _texts([str(n / 100) for n in range(_BAD_OCCUPANCY + 1)])
        self.labels, self.remarks = _texts(pool.LABELS), _texts(pool.REMARKS)
        self.units = _texts(["km/h", "m/s"])

    def frame(self, first: int, rows: int) -> tuple[pl.DataFrame, Truth]:
        """Rows ``first`` to ``first + rows`` as the file's columns, with every text as in the file; and their truth."""
        part = chunk(self.plan, first, rows)
        found: dict[str, Flags] = {}
        columns = {
            **self._who(part, found),
            **self._what(part, found),
            **self._where(part, found),
        }
        frame = pl.DataFrame({header: columns[name] for header, name in COLUMNS.items()})
        return frame, self._truth(part, found)

    def _who(self, part: Chunk, found: dict[str, Flags]) -> dict[str, pl.Series]:
        keys, choice = part.keys, part.choices[:, 0].astype(np.int64)
        time = np.where(part.faults["time"], self.plan.moments + choice % len(pool.BAD_TIMES), keys.moment)
        device = np.where(part.faults["device"], pool.DEVICES + choice % len(pool.BAD_DEVICES), keys.device)
        bad_lane = np.array(pool.BAD_LANES)[choice % len(pool.BAD_LANES)]
        found["time_missing"], found["time_unreadable"] = _missing(part.faults["time"], time == self.plan.moments)
        found["device_missing"], found["device_pattern"] = _missing(part.faults["device"], device == pool.DEVICES)
        found["lane_range"] = part.faults["lane"]
        lane = np.where(part.faults["lane"], bad_lane, keys.lane)
        return {"time": self.times[time], "device": self.devices[device], "lane": pl.Series(lane)}

    def _what(self, part: Chunk, found: dict[str, Flags]) -> dict[str, pl.Series]:
        drawn, choice = part.values, part.choices[:, 1].astype(np.int64)
        flow, metres = self._flow(part), self.pools.metres[part.keys.device]
        none = part.faults["flow"] & (choice % 8 == 0)
        found["flow_missing"], found["flow_range"] = _missing(part.faults["flow"], none)
        flow = np.where(part.faults["flow"], np.where(choice % 8 == 1, 5001 + choice, -1 - choice % 50), flow)
        speed = self._speed(part, metres)
        occupancy = self.pools.occupancy[drawn[:, 2]]
        occupancy = np.where(part.faults["occupancy"], 10001 + choice % 7999, occupancy)
        label = np.searchsorted([40632, 44564, 53739, 60293, 62259], drawn[:, 3], side="right")
        label = np.where(part.faults["vehicle"], 6 + choice % 4, label)
        found |= {f"{name}_range": part.faults[name] for name in ("speed", "occupancy")}
        found["vehicle_unknown"] = part.faults["vehicle"]
        return {
            "flow": pl.select(pl.when(~pl.lit(pl.Series(none))).then(pl.lit(pl.Series(flow)))).to_series(),
            "speed": self.tenths[speed],
            "unit": self.units[metres.astype(np.int64)],
            "occupancy": self.hundredths[occupancy],
            "vehicle": self.labels[label],
        }

    def _flow(self, part: Chunk) -> Ints:
        """A row that repeats only the key of another differs in its flow."""
        return self.pools.flow[part.values[:, 0]] + (part.repeats & ~part.exact) * 1000

    def _speed(self, part: Chunk, metres: Flags) -> Ints:
        """In tenths of the unit that the device reports."""
        right, choice = self.pools.speed[part.values[:, 1]], part.choices[:, 1].astype(np.int64)
        right = np.where(metres, np.rint(right / 3.6).astype(np.int64), right)
        wrong = np.where(metres, 560 + choice % 540, 2001 + choice % 1999)
        return np.where(part.faults["speed"], wrong, right)

    def _where(self, part: Chunk, found: dict[str, Flags]) -> dict[str, pl.Series]:
        choice, device = part.choices[:, 2].astype(np.int64), part.keys.device
        region = np.where(part.faults["region"], len(REGIONS) + choice % 4, device % len(REGIONS))
        operator = self.pools.operator_of[device] + part.faults["operator"] * pool.OPERATORS
        remark = np.where(part.choices[:, 3] < 983, 1 + choice % (len(pool.REMARKS) - 1), 0)
        east, north = self._position(part)
        if self.plan.frame == "GCJ-02":
            east, north = pool.gcj(east, north)
        off, nowhere = part.faults["position"] & (choice % 10 != 0), part.faults["position"] & (choice % 10 == 0)
        found |= {"region_unknown": part.faults["region"], "operator_check": part.faults["operator"]}
        found["outside_box"] = part.faults["position"]
        return {
            "region": self.regions[region],
            "road": self.roads[self.pools.road_of[device]],
            "longitude": pl.Series((east + off * 5_000_000) / 1e6),
            "latitude": pl.Series(np.where(nowhere, 0, north) / 1e6),
            "operator": self.operators[operator],
            "remark": self.remarks[remark],
        }

    def _position(self, part: Chunk) -> tuple[Ints, Ints]:
        device = part.keys.device
        east, north = self.pools.longitude[device], self.pools.latitude[device]
        if self.plan.positions == "row":
            east, north = east + part.choices[:, 1] % 1999 - 999, north + part.choices[:, 3] % 1999 - 999
        return east, north

    def _truth(self, part: Chunk, found: Mapping[str, Flags]) -> Truth:
        bad = np.any(list(found.values()), axis=0)
        repeated = part.repeats & ~part.exact
        good = ~(bad | part.repeats)
        metres = self.pools.metres[part.keys.device]
        speed = self._speed(part, metres) / 10 * np.where(metres, 3.6, 1.0)
        east, north = self._position(part)
        counts = {name: int(flag.sum()) for name, flag in found.items()} | {REPEATED: int(repeated.sum())}
        days, per_day = np.unique(self.days[part.keys.moment[good]].astype(str), return_counts=True)
        return Truth(
            rows=len(good),
            standard=int(good.sum()),
            quarantined=int((bad | repeated).sum()),
            duplicates=int(part.exact.sum()),
            faults=counts,
            days=dict(zip(days.tolist(), per_day.tolist(), strict=True)),
            sums={
                "flow": float(self._flow(part)[good].sum()),
                "speed": float(speed[good].sum()),
                "longitude": float(east[good].sum()) / 1e6,
                "latitude": float(north[good].sum()) / 1e6,
            },
        )


class _Table:
    def __init__(self, values: Sequence[str]) -> None:
        self.series = pl.Series(values, dtype=pl.String)

    def __getitem__(self, index: Ints) -> pl.Series:
        return self.series.gather(pl.Series(index).cast(pl.UInt32))


def _texts(values: Sequence[str]) -> _Table:
    return _Table(values)


def _missing(faulty: Flags, missing: Flags) -> tuple[Flags, Flags]:
    """Faulty because the value is missing, and faulty because of the value."""
    return faulty & missing, faulty & ~missing
