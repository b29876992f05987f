"""What holds for every series: the order of rows, other sensors, and the division into batches do not matter."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, join_spans
from tests.quality.sensors.conftest import START, clean_series, judged, spans, written

CLEAN = clean_series()
_BY = ["code", ENTITY, "column"]


def faulty() -> pl.DataFrame:
    """A stuck sensor, a jump, a sensor with zeros, and a silent one."""
    rows = written(written(CLEAN, 3, 60, 84, pm25=33.25), 5, 100, 100, no2=900.0)
    rows = written(rows, 1, 70, 75, pm25=0.0, no2=0.0)
    silent = (pl.col(ENTITY) == 6) & pl.col(AT).is_between(START + timedelta(hours=90), START + timedelta(hours=120))
    return rows.filter(~silent)


FAULTY = faulty()
FOUND = spans(judged(FAULTY))


def test_each_planted_fault_is_among_the_findings() -> None:
    assert {(code, sensor) for code, sensor, *_ in FOUND} == {
        ("SENSOR_STUCK", 3),
        ("SENSOR_JUMP", 5),
        ("ZERO_FOR_MISSING", 1),
        ("SENSOR_SILENT", 6),
    }


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    assert spans(judged(FAULTY.sample(fraction=1.0, shuffle=True, seed=seed))) == FOUND


@given(at_once=st.integers(1, 20_000))
@settings(max_examples=5, deadline=None)
def test_the_number_of_values_in_memory_does_not_matter(at_once: int) -> None:
    assert spans(judged(FAULTY, at_once=at_once)) == FOUND


@given(other=st.sampled_from([0, 2, 4, 7]), first=st.integers(0, 100), value=st.sampled_from([0.0, 33.25, 2_000.0]))
@settings(max_examples=8, deadline=None)
def test_faults_of_another_sensor_change_nothing_for_this_one(other: int, first: int, value: float) -> None:
    found = spans(judged(written(FAULTY, other, first, first + 30, pm25=value)))
    assert [span for span in found if span[1] != other] == FOUND


@given(cuts=st.sets(st.integers(1, 166), max_size=5))
@settings(max_examples=8, deadline=None)
def test_batches_that_are_cut_differently_find_the_same_spans_after_all(cuts: set[int]) -> None:
    # Statistics need something to be usual: the first three days are one batch.
    bounds = [0, *sorted(cut for cut in cuts if cut > 72), 168]
    parts = []
    for first, last in pairwise(bounds):
        known = FAULTY.filter(pl.col(AT) < START + timedelta(hours=last))
        parts.append(judged(known.with_columns((pl.col(AT) >= START + timedelta(hours=first)).alias(FRESH))))
    joined = join_spans(pl.concat(parts).lazy(), _BY).collect().sort(*_BY, "first_at")
    places = [(code, sensor, column, first, last) for code, sensor, column, first, last, _ in spans(joined)]
    assert places == [span[:5] for span in FOUND]
