"""The generator: what it says that it planted is what is in the file."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generate import layout
from benchmarks.generate.gcj import from_wgs84
from benchmarks.generate.layout import COLUMNS
from benchmarks.generate.pools import check_digit
from benchmarks.generate.rows import Plan
from benchmarks.generate.write import chunks, write

ROWS = 30_000


def _rows(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return [dict(zip(COLUMNS.values(), row, strict=True)) for row in list(csv.reader(file))[1:]]


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, layout.TIME_FORMAT)
    except ValueError:
        return False
    return True


def _between(text: str, bounds: tuple[float, float], factor: float = 1.0) -> bool:
    return bounds[0] <= float(text) * factor <= bounds[1]


def _broken(row: dict[str, str]) -> set[str]:
    """An independent reading of one row."""
    right_device = row["device"].startswith("JT") and row["device"][2:].isdigit() and len(row["device"]) == 12
    factor = 3.6 if row["unit"] == "m/s" else 1.0
    tests = {
        "time_missing": not row["time"],
        "time_unreadable": bool(row["time"]) and not _is_time(row["time"]),
        "device_missing": not row["device"],
        "device_pattern": bool(row["device"]) and not right_device,
        "region_unknown": row["region"] not in layout.REGIONS,
        "lane_range": not _between(row["lane"], layout.LANE),
        "flow_missing": not row["flow"],
        "flow_range": bool(row["flow"]) and not _between(row["flow"], layout.FLOW),
        "speed_range": not _between(row["speed"], layout.SPEED_KMH, factor),
        "occupancy_range": not _between(row["occupancy"], layout.OCCUPANCY_PCT),
        "vehicle_unknown": row["vehicle"] not in layout.VEHICLES,
        "outside_box": not all(_between(row[name], bounds) for name, bounds in layout.BOX.items()),
        "operator_check": check_digit(row["operator"][:17]) != row["operator"][17],
    }
    return {name for name, broken in tests.items() if broken}


def test_the_truth_is_what_an_independent_reader_counts(tmp_path: Path) -> None:
    truth = write(Plan(ROWS), tmp_path / "a.csv")
    faults, seen, good, again, same = Counter[str](), dict[tuple[str, ...], dict[str, str]](), 0, 0, 0
    for row in _rows(tmp_path / "a.csv"):
        broken, key = _broken(row), (row["device"], row["lane"], row["time"])
        faults.update(broken)
        if not broken and key in seen:
            same += row == seen[key]
            again += row != seen[key]
        elif not broken:
            seen[key] = row
            good += 1
    assert dict(faults) | {layout.REPEATED: again} == truth.faults
    assert (good, same, ROWS - good - same) == (truth.standard, truth.duplicates, truth.quarantined)
    assert min(truth.faults.values()) > 0


def test_about_two_percent_have_faults_and_a_tenth_of_the_devices_tell_metres(tmp_path: Path) -> None:
    truth = write(Plan(ROWS), tmp_path / "a.csv")
    assert 0.015 < truth.quarantined / ROWS < 0.03
    assert 0.08 < sum(row["unit"] == "m/s" for row in _rows(tmp_path / "a.csv")) / ROWS < 0.12


@given(rows=st.integers(1, 5000), chunk_rows=st.integers(1, 5000), seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_the_bytes_do_not_depend_on_the_chunk(rows: int, chunk_rows: int, seed: int) -> None:
    plan = Plan(rows, seed)
    whole, parts = (
        b"".join(text for text, _ in chunks(plan, chunk_rows=size)) for size in (rows, max(chunk_rows, 200))
    )
    assert whole == parts


def test_repeats_are_also_far_apart(tmp_path: Path) -> None:
    write(Plan(400_000), tmp_path / "a.csv")
    first, farthest = dict[tuple[str, ...], int](), 0
    for number, row in enumerate(_rows(tmp_path / "a.csv")):
        key = (row["device"], row["lane"], row["time"])
        farthest = max(farthest, number - first.setdefault(key, number) if row["device"] and row["time"] else 0)
    assert farthest > 200_000


def test_blocks_repeat_only_themselves_so_that_a_file_may_be_cut(tmp_path: Path) -> None:
    whole = write(Plan(4000, block=1000), tmp_path / "a.csv")
    parts = [
        write(Plan(4000, block=1000), tmp_path / f"{n}.csv", parts=[range(n, n + 1000)]) for n in range(0, 4000, 1000)
    ]
    assert sum(part.standard for part in parts) == whole.standard
    keys = [
        {(row["device"], row["lane"], row["time"]) for row in _rows(tmp_path / f"{n}.csv") if not _broken(row)}
        for n in range(0, 4000, 1000)
    ]
    assert len(set.union(*keys)) == whole.standard


def test_another_revision_has_the_same_keys_and_faults(tmp_path: Path) -> None:
    old, new = (write(Plan(ROWS, revision=revision), tmp_path / f"{revision}.csv") for revision in (0, 1))
    assert (old.faults, old.days, old.standard) == (new.faults, new.days, new.standard)
    assert old.sums["flow"] != new.sums["flow"]


def test_gbk_says_the_same(tmp_path: Path) -> None:
    write(Plan(2000), tmp_path / "utf8.csv")
    write(Plan(2000), tmp_path / "gbk.csv", encoding="gbk")
    assert _rows(tmp_path / "utf8.csv") == _rows(tmp_path / "gbk.csv", "gbk")


def test_positions_are_a_devices_or_a_rows_own(tmp_path: Path) -> None:
    for positions, least, most in (("device", 1, 3100), ("row", 28_000, ROWS)):
        write(Plan(ROWS, frame="GCJ-02", positions=positions), tmp_path / "a.csv")  # type: ignore[arg-type]
        pairs = {(row["longitude"], row["latitude"]) for row in _rows(tmp_path / "a.csv")}
        assert least <= len(pairs) <= most


def test_gcj_02_of_a_known_point() -> None:
    import numpy as np

    east, north = from_wgs84(np.array([116.391349]), np.array([39.907375]))
    assert (east[0], north[0]) == pytest.approx((116.397591, 39.908778), abs=2e-6)
