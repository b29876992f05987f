"""The watch for waterlogging chooses its threshold by tuning days alone: whatever held-out days say, it stays."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.infra.city.domains.flooding.flood_answers import JudgedHour, best_threshold
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

CHOICE = (WHITEPAPER_WORKSPACE / "marts/waterlogging_watch/threshold_choice.sql").read_text("utf-8")
HOURS = st.lists(st.tuples(st.integers(0, 400).map(lambda quarters: quarters / 4), st.booleans()), max_size=25)


def chosen(tuning: list[tuple[float, bool]], held_out: list[tuple[float, bool]]) -> float | None:
    """What the mart's SELECT chooses."""
    rows = [("1", *hour) for hour in tuning] + [("2", *hour) for hour in held_out]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE hour_score (day_role TEXT, watch_score DOUBLE, flood_ahead BOOL, is_judged BOOL)"
        )
        if rows:
            connection.executemany("INSERT INTO hour_score VALUES (?, ?, ?, true)", rows)
        found = connection.execute(f"SELECT watch_score FROM ({CHOICE}) WHERE is_chosen").fetchone()
    return found[0] if found else None


@settings(max_examples=30, deadline=None)
@given(tuning=HOURS, held_out=HOURS)
def test_the_threshold_is_that_of_the_tuning_days(
    tuning: list[tuple[float, bool]], held_out: list[tuple[float, bool]]
) -> None:
    expected = best_threshold([JudgedHour(score, flooded, tuning=True) for score, flooded in tuning])
    assert chosen(tuning, held_out) == chosen(tuning, []) == expected
