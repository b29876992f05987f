from __future__ import annotations

import pytest

from citylake.pipelines.marts.gate.allowances import read_allowances


def test_an_allowance_covers_its_lines_and_the_next_line_of_code() -> None:
    (found,) = read_allowances(
        "SELECT\n    /* citylake: allow MEAN because\n    stations count alike */\n\n    avg(x) AS x,\n    y"
    )
    assert (found.word, found.why, found.line) == ("MEAN", "stations count alike", 2)
    assert [line for line in range(1, 8) if found.covers("MEAN", line)] == [2, 3, 5]
    assert not found.covers("UNIT", 5)


@pytest.mark.parametrize(
    "written", ["/* citylake: allow MEAN */", "-- citylake: allow MEAN because", "-- citylake: allow MEAN"]
)
def test_an_allowance_without_a_reason_covers_nothing(written: str) -> None:
    (found,) = read_allowances(f"{written}\nSELECT 1")
    assert not found.covers("MEAN", 2)


def test_a_line_comment_allows_too() -> None:
    (found,) = read_allowances("SELECT avg(x) AS x -- citylake: allow MEAN because x has one value a day\nFROM t")
    assert found.covers("MEAN", 1)
    assert found.why == "x has one value a day"
