"""The city's devices, roads and operators, and the lookup tables of random draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmarks.generate.gcj import from_wgs84
from benchmarks.generate.hashing import Flags, Ints
from benchmarks.generate.layout import BOX, REGIONS

DEVICES, LANES, ROADS, OPERATORS = 3000, 8, 800, 60
_WORDS = "文三天目解放延安庆春建国中山环城凤起莫干石祥德胜艮秋涛之江闻富春时代滨盛市心机场金临丁桥九堡留和西溪古墩紫荆"
_KINDS = ("路", "大道", "街", "高架路", "隧道", "快速路", "立交桥", "互通")
_PARTS = ("", "东段", "西段", "南向北", "北向南")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_DRAWS = 65536

LABELS = ("小型客车", "大型客车", "轻型货车", "重型货车", "摩托车", "其他车辆", "三轮车", "未知", "??", "轿 车")
"""Six valid ones, then four invalid ones."""
BAD_REGIONS = ("999999", "310101", "33010X", "000000")
BAD_DEVICES = ("", "JT33010600", "XX3301060001", "JT33010600O1")
BAD_TIMES = ("", "2024-13-45 99:99:99", "2024/06/05 08:00", "N/A", "0000-00-00 00:00:00", "2024-06-31 10:00:00")
BAD_LANES = (0, 9, 12, 99)
REMARKS = ("", "设备检修", '"施工占道,数据仅供参考"', "雨天", "疑似遮挡", '"人工""复核"""', "早高峰", "晚高峰")
"""As in the file, quotes included."""


@dataclass(frozen=True, slots=True)
class Pools:
    """All values to draw from. Positions are WGS-84 in microdegrees; speeds in 0.1 km/h, occupancy in 0.01 %."""

    devices: tuple[str, ...]
    roads: tuple[str, ...]
    operators: tuple[str, ...]
    """Valid codes, then as many with a wrong check digit."""
    road_of: Ints
    operator_of: Ints
    longitude: Ints
    latitude: Ints
    metres: Flags
    """Devices that report their speed in m/s: a tenth of them."""
    flow: Ints
    speed: Ints
    occupancy: Ints
    """Values by draw: 65,536 each."""


@lru_cache(maxsize=1)
def pools(seed: int) -> Pools:
    """The pools of one seed."""
    rng = np.random.default_rng(seed)
    metres = np.zeros(DEVICES, np.bool_)
    metres[rng.choice(DEVICES, DEVICES // 10, replace=False)] = True
    return Pools(
        devices=tuple(f"JT{REGIONS[number % len(REGIONS)]}{number:04d}" for number in range(DEVICES)),
        roads=_roads(rng),
        operators=_operators(rng),
        road_of=rng.integers(0, ROADS, DEVICES),
        operator_of=rng.integers(0, OPERATORS, DEVICES),
        longitude=_positions(rng, *BOX["longitude"]),
        latitude=_positions(rng, *BOX["latitude"]),
        metres=metres,
        flow=rng.poisson(18, _DRAWS).astype(np.int64),
        speed=np.clip(rng.normal(450, 140, _DRAWS), 0, 1300).astype(np.int64),
        occupancy=np.clip(rng.gamma(2.0, 800.0, _DRAWS), 0, 9900).astype(np.int64),
    )


def _positions(rng: np.random.Generator, low: float, high: float) -> Ints:
    return rng.integers(int((low + 0.2) * 1e6), int((high - 0.2) * 1e6), DEVICES)


def _roads(rng: np.random.Generator) -> tuple[str, ...]:
    names: dict[str, None] = {}
    while len(names) < ROADS:
        word = "".join(rng.choice(list(_WORDS), size=int(rng.integers(2, 4))))
        names[word + str(rng.choice(_KINDS)) + str(rng.choice(_PARTS))] = None
    return tuple(names)


def check_digit(first: str) -> str:
    """The last of a credit code's 18 characters, from the first 17 (GB 32100-2015)."""
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(first, _WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def _operators(rng: np.random.Generator) -> tuple[str, ...]:
    first = [
        "91" + REGIONS[number % len(REGIONS)] + "".join(rng.choice(list(_ALPHABET), 9)) for number in range(OPERATORS)
    ]
    right = [code + check_digit(code) for code in first]
    wrong = [code[:17] + _ALPHABET[(_ALPHABET.index(code[17]) + 1 + n % 30) % 31] for n, code in enumerate(right)]
    return (*right, *wrong)


def gcj(longitude: Ints, latitude: Ints) -> tuple[Ints, Ints]:
    """Microdegrees in GCJ-02, as on a vendor's map."""
    east, north = from_wgs84(longitude / 1e6, latitude / 1e6)
    return np.rint(east * 1e6).astype(np.int64), np.rint(north * 1e6).astype(np.int64)
