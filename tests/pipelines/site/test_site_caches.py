from __future__ import annotations

import threading
import time

import pytest

from citylake.pipelines.site.site_caches import AnswerCache
from tests.pipelines.site.conftest import Clock


def test_an_answer_is_given_again_until_it_is_old(clock: Clock) -> None:
    kept, asked = AnswerCache(5, clock=clock), iter(range(9))
    assert [kept.get("q", lambda: next(asked)) for _ in range(3)] == [0, 0, 0]
    clock.move(5)
    assert kept.get("q", lambda: next(asked)) == 1


def test_only_so_many_answers_are_kept(clock: Clock) -> None:
    kept = AnswerCache(5, most=2, clock=clock)
    for number in (1, 2, 3):
        kept.get(number, lambda number=number: number)  # type: ignore[misc]
    assert kept.get(1, lambda: -1) == -1
    assert kept.get(3, lambda: -1) == 3


def test_a_question_that_failed_is_asked_again(clock: Clock) -> None:
    kept = AnswerCache(5, clock=clock)

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        kept.get("q", fail)
    assert kept.get("q", lambda: "well") == "well"


def test_many_readers_at_once_ask_the_lake_once() -> None:
    kept, asked = AnswerCache(60), []

    def ask() -> int:
        time.sleep(0.05)
        asked.append(1)
        return len(asked)

    threads = [threading.Thread(target=kept.get, args=("q", ask)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
