from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.quality.report.bar_geometry import log_bar_length, stack_segments

PARTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=5)


@given(PARTS, st.floats(30, 2000))
def test_a_stacked_bar_fills_its_width_and_hides_no_part(values: list[int], width: float) -> None:
    segments = stack_segments([(str(place), value) for place, value in enumerate(values)], width)
    assert [segment.value for segment in segments] == [value for value in values if value]
    assert all(segment.width >= 4 - 0.01 for segment in segments)
    if segments:
        assert sum(segment.width for segment in segments) == pytest.approx(width, abs=0.05)
        assert segments[-1].x + segments[-1].width == pytest.approx(width, abs=0.05)


@given(PARTS)
def test_a_larger_part_is_never_drawn_narrower(values: list[int]) -> None:
    segments = sorted(
        stack_segments([(str(place), value) for place, value in enumerate(values)], 300), key=lambda s: s.value
    )
    assert all(one.width <= other.width + 0.01 for one, other in pairwise(segments))


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_log_length_stays_inside_the_chart(value: int, most: int) -> None:
    length = log_bar_length(min(value, most), most, 320)
    assert (length == 0) == (value == 0)
    assert 0 <= length <= 320
