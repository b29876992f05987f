"""A run that is killed between taking rows from a front-end database and marking them loses and doubles none."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest

from tests.exchanged import DATASET, FrontEnd, Row, known
from tests.forked.commands import Forked, ForkedCommands
from tests.thorough import examples
from tests.trial import Trial

CASES = 400


def changes(start: int, batch: int) -> list[Row]:
    """One delivery: new cases, most of them changed or deleted in a later batch of the same delivery."""
    chance = random.Random(start)
    rows: list[Row] = [(f"C{number:04d}", "I", batch, f"{batch:02d}") for number in range(start, start + CASES)]
    changed = [(no, chance.choice("UD"), batch + 1, f"{batch + 1:02d}") for no, *_ in rows if chance.random() < 0.7]
    return rows + changed


def expected(rows: list[Row]) -> dict[str, str]:
    return {no: operation for no, operation, *_ in rows}


def started(forked: ForkedCommands, trial: Trial) -> Forked:
    return forked.start(["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url, "run", "--json"])


def reached(trial: Trial, front_end: FrontEnd, point: str) -> bool:
    """Whether a run has come so far."""
    root = Path(trial.lake.url)
    if point == "marked":
        return "1" in front_end.flags()
    pattern = {
        "landing": "landing/**/*.parquet",
        "raw": f"raw/{DATASET}/**/*.parquet",
        "staged": f"standard/{DATASET}/*.parquet",
        "committed": f"standard/{DATASET}/_delta_log/*0.json",
        "noted": "ledger/batches/_delta_log/*.json",
        "moved": "ledger/states/_delta_log/*.json",
    }[point]
    return any(root.glob(pattern))


@pytest.mark.parametrize(
    ("point", "late"),
    [
        ("landing", True),
        ("raw", False),
        ("staged", True),
        ("committed", False),
        ("committed", True),
        ("noted", True),
        ("moved", False),
        ("marked", True),
    ],
)
def test_no_row_is_lost_or_doubled(
    forked: ForkedCommands, front_end: FrontEnd, trial: Trial, point: str, late: bool
) -> None:
    rows = changes(0, 1)
    front_end.hand_over(rows)
    killed = started(forked, trial)
    deadline = time.monotonic() + 60
    while not reached(trial, front_end, point) and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert reached(trial, front_end, point)
    if late:
        more = changes(CASES // 2, 3)
        front_end.hand_over(more)
        rows += more
    assert started(forked, trial).wait() == 0
    assert known(trial) == expected(rows)
    assert front_end.flags() == {"1": len(rows)}
    assert trial.run().document["run"]["exit_code"] == 0
    assert known(trial) == expected(rows)


def test_every_delivery_of_many_runs_that_are_killed_at_any_moment_arrives_once(
    forked: ForkedCommands, front_end: FrontEnd, trial: Trial
) -> None:
    chance, rows = random.Random(7), list[Row]()
    for number in range(examples(4, 6)):
        more = changes(number * CASES // 2, 1 + 2 * number)
        front_end.hand_over(more)
        rows += more
        run = started(forked, trial)
        try:
            run.wait(timeout=chance.uniform(0.1, 1.5))
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
    assert started(forked, trial).wait() == 0
    assert known(trial) == expected(rows)
    assert front_end.flags() == {"1": len(rows)}
    taken = trial.ledger.read("receipts").filter(pl.col("status") == "received")
    assert taken.height >= 1
