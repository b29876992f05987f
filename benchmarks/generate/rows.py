"""The content of each row, computed from its number alone: keys, values, faults, and which rows repeat which.

Rows are generated in rounds: every lane of every device once, in a different order each round. About 2 % have faults
(ten kinds, 0.2 % each); 0.2 % repeat the key of an earlier good row, every tenth of them from anywhere before, and
every tenth of them in all columns. Rows that repeat have no faults and no row repeats one that does, so that the key's
count is exact whatever is checked first.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import gcd
from typing import Literal

import numpy as np

from benchmarks.generate.hashing import Draws, Flags, Ints, draws, words
from benchmarks.generate.layout import FIRST_DAY
from benchmarks.generate.pools import DEVICES, LANES, Pools, pools

Frame = Literal["WGS-84", "GCJ-02"]
Positions = Literal["device", "row"]

FAULT, REPEAT = 131, 131
"""Of 65,536: 0.2 %."""
KINDS = ("time", "device", "region", "lane", "flow", "speed", "occupancy", "vehicle", "position", "operator")
NEAR = 100_000
_FAULTS_A, _FAULTS_B, _FAULTS_C, _REPEATS, _VALUES, _CHOICES, _JITTER, _SPREAD = range(8)


@dataclass(frozen=True, slots=True)
class Plan:
    """One file: the same plan gives the same bytes."""

    rows: int
    seed: int = 1
    days: int = 7
    frame: Frame = "WGS-84"
    positions: Positions = "device"
    """``device``: positions repeat, each device has one; ``row``: each row can have its own."""
    block: int = 0
    """Rows repeat only rows of their own block, so that a file can be split between blocks; 0: of the whole file."""
    revision: int = 0
    """Another revision has the same keys and faults, and other values."""

    @property
    def pools(self) -> Pools:
        """The pools that rows are drawn from."""
        return pools(self.seed)

    @property
    def round_rows(self) -> int:
        """Rows of a round; small files have small rounds, so that they too cover every day."""
        return min(DEVICES * LANES, -(-self.rows // self.days))

    @property
    def rounds(self) -> int:
        """Rounds in the file."""
        return -(-self.rows // self.round_rows)

    @property
    def round_seconds(self) -> int:
        """Seconds from the start of a round to the start of the next."""
        return self.days * 86400 // self.rounds

    @property
    def jitter_seconds(self) -> int:
        """Devices report within this number of seconds from the start of a round."""
        return min(self.round_seconds, 60)

    @property
    def moments(self) -> int:
        """Distinct times in the file."""
        return self.rounds * self.jitter_seconds

    def moment_seconds(self) -> Ints:
        """Local wall clock of each moment, in seconds since 1970-01-01 local."""
        start = int(dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC).timestamp())
        moment = np.arange(self.moments)
        return start + moment // self.jitter_seconds * self.round_seconds + moment % self.jitter_seconds


@dataclass(frozen=True, slots=True)
class Keys:
    """The device, the lane (from 1) and the moment of each row."""

    device: Ints
    lane: Ints
    moment: Ints


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows ``first`` … of a plan. ``repeats``: the key is an earlier row's; ``exact``: so is everything else."""

    keys: Keys
    faults: dict[str, Flags]
    repeats: Flags
    exact: Flags
    values: Draws
    choices: Draws


def chunk(plan: Plan, first: int, rows: int) -> Chunk:
    """Rows ``first`` to ``first + rows`` of ``plan``."""
    index = np.arange(first, first + rows)
    source, exact = _repeats(plan, index)
    repeats = source != index
    faults = {kind: flag & ~repeats for kind, flag in _faults(plan, index).items()}
    content = np.where(exact, source, index)
    values = draws(content, plan.seed, _VALUES + 1000 * plan.revision)
    choices = draws(content, plan.seed, _CHOICES)
    return Chunk(_keys(plan, source), faults, repeats, exact, values, choices)


def _faults(plan: Plan, index: Ints) -> dict[str, Flags]:
    drawn = np.hstack([draws(index, plan.seed, stream) for stream in (_FAULTS_A, _FAULTS_B, _FAULTS_C)])
    return {kind: drawn[:, number] < FAULT for number, kind in enumerate(KINDS)}


def _repeats(plan: Plan, index: Ints) -> tuple[Ints, Flags]:
    """For each row the index of the row whose key it has, usually its own; and whether it is equal in every column."""
    drawn = draws(index, plan.seed, _REPEATS)
    inside = index % plan.block if plan.block else index
    at = np.flatnonzero((drawn[:, 0] < REPEAT) & (inside > 0))
    asked, inside = index[at], inside[at]
    back = words(asked, plan.seed, _REPEATS + 100).astype(np.float64) / 2.0**64
    reach = np.where(drawn[at, 1] % 10 == 0, inside, np.minimum(inside, NEAR))
    from_ = asked - 1 - (back * reach).astype(np.int64)
    unfit = draws(from_, plan.seed, _REPEATS)[:, 0] < REPEAT
    unfit |= np.any(list(_faults(plan, from_).values()), axis=0)
    source, exact = index.copy(), np.zeros(len(index), np.bool_)
    source[at] = np.where(unfit, asked, from_)
    exact[at] = ~unfit & (drawn[at, 2] % 10 == 0)
    return source, exact


def _keys(plan: Plan, index: Ints) -> Keys:
    round_ = index // plan.round_rows
    factors = np.array(
        [n for n in range(plan.round_rows // 3, plan.round_rows + 2) if gcd(n, plan.round_rows) == 1][:64]
    )
    numbers = np.arange(plan.rounds)
    turn, start = draws(numbers, plan.seed, _SPREAD)[:, 0], words(numbers, plan.seed, _SPREAD + 100)
    factor = factors[turn % len(factors)][round_]
    offset = (start % np.uint64(plan.round_rows)).astype(np.int64)[round_]
    place = (index % plan.round_rows * factor + offset) % plan.round_rows
    device = place // LANES
    late = words(device + round_ * DEVICES, plan.seed, _JITTER) % np.uint64(plan.jitter_seconds)
    return Keys(device, place % LANES + 1, round_ * plan.jitter_seconds + late.astype(np.int64))
