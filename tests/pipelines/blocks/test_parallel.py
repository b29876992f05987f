"""Workers over blocks: in turn where it matters, and the first failure is the one that is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from citylake.pipelines.blocks.memory_budget import Budget, parse_memory_size
from citylake.pipelines.blocks.timings import WorkTimings
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.schemas.words.errors import CitylakeError


def test_turns_come_in_the_order_of_the_items() -> None:
    pool, order = WorkerPool(iter(range(20)), 4), list[int]()

    def work(_: int, number: int, item: int) -> None:
        time.sleep(0.001 * (item % 3))
        with pool.turns.wait(number):
            order.append(item)

    pool.run(work)
    assert order == list(range(20))


def test_a_failure_stops_those_who_wait_and_is_told() -> None:
    pool = WorkerPool(iter(range(20)), 3)

    def work(_: int, number: int, item: int) -> None:
        if item == 2:
            raise ValueError("block 2")
        with pool.turns.wait(number):
            pass

    with pytest.raises(ValueError, match="block 2"):
        pool.run(work)


def test_a_source_that_fails_is_told_like_a_worker() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="gone"):
        WorkerPool(items(), 2).run(lambda *_: None)


def test_time_is_added_up_over_threads() -> None:
    spent = WorkTimings()

    def work() -> None:
        with spent.on("parse"):
            time.sleep(0.02)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spent.seconds()["parse"] >= 0.06


@pytest.mark.parametrize(
    ("text", "size"), [("800MB", 800_000_000), ("1GiB", 2**30), ("1.5 gb", 1_500_000_000), ("300000000", 300_000_000)]
)
def test_memory_is_read_as_people_write_it(text: str, size: int) -> None:
    assert parse_memory_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "10MB", "1.2.3GB", "-1GB"])
def test_memory_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(CitylakeError) as caught:
        parse_memory_size(text)
    assert caught.value.code == "MEMORY_UNREADABLE"


def test_cores_are_those_that_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CORES", "3")
    assert Budget().cores == 3
    monkeypatch.setenv("CITYLAKE_CORES", "two")
    with pytest.raises(CitylakeError) as caught:
        Budget()
    assert caught.value.code == "CORES_UNREADABLE"
