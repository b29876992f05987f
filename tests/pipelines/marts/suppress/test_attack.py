"""Linear programming recovers no hidden count, and does recover it where only small counts are hidden."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipelines.marts.suppress.reader import TOTAL, Codes, Reader, cube_sums, hide_cube, with_totals

THRESHOLD = 10
COUNTS = st.one_of(st.integers(0, 12), st.sampled_from([0, 1, 30, 400, 5000]))
Inner = dict[Codes, int]


@st.composite
def tables(draw: st.DrawFn, *sizes: int) -> Inner:
    codes = product(*(range(draw(st.integers(1, size))) for size in sizes))
    return {tuple(map(str, each)): draw(COUNTS) for each in codes}


def _judge(inner: Inner, published: dict[Codes, int | None], least: int) -> None:
    exact = with_totals(inner)
    reader = Reader(published, cube_sums(published), least)
    for cell, shown in published.items():
        if shown is not None:
            assert shown == exact[cell]
            assert shown >= (THRESHOLD if shown or not least else 0)
            continue
        low, high = reader.interval(cell)
        assert low < high
        if exact[cell] < THRESHOLD:
            assert high >= THRESHOLD - 1e-6
            assert TOTAL in cell or low <= least + 1e-6


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(5, 4))
def test_no_hidden_count_of_two_dimensions_is_recovered(inner: Inner) -> None:
    _judge(inner, hide_cube(inner), least=1)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(2, 2, 3))
def test_no_hidden_count_of_three_dimensions_is_recovered(inner: Inner) -> None:
    _judge(inner, hide_cube(inner), least=1)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(4, 3))
def test_no_hidden_zero_is_recovered_where_zeros_are_hidden(inner: Inner) -> None:
    _judge(inner, hide_cube(inner, zeros="hidden"), least=0)


def test_no_hidden_count_is_recovered_where_the_first_answer_is_taken() -> None:
    inner: Inner = {(a, b, c): int(a + b + c) ** 2 % 67 for a, b, c in product("1234", "1234", "12345")}
    published = hide_cube(inner)
    assert len(published) > 100
    _judge(inner, published, least=1)


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2)])
def test_a_reader_recovers_small_counts_where_only_they_are_hidden(shape: tuple[int, ...]) -> None:
    inner = {tuple(map(str, codes)): 40 for codes in product(*map(range, shape))}
    first = next(iter(inner))
    naive = {cell: value if value >= THRESHOLD else None for cell, value in with_totals({**inner, first: 3}).items()}
    assert Reader(naive, cube_sums(naive)).interval(first) == (3, 3)
    _judge({**inner, first: 3}, hide_cube({**inner, first: 3}), least=1)


def test_the_same_counts_are_hidden_whenever_they_are_published() -> None:
    inner: Inner = {(a, b): (3 * int(a) + 7 * int(b)) % 23 for a, b in product("01234", "0123")}
    assert hide_cube(inner) == hide_cube(inner)


def test_a_table_without_totals_hides_nothing_but_small_counts() -> None:
    published = hide_cube({("a",): 3, ("b",): 0, ("c",): 40}, totals={}, cube=False)
    assert published == {("a",): None, ("b",): 0, ("c",): 40}
