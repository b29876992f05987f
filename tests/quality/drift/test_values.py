"""Columns that were retyped, and categories never had before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from citylake.quality.drift.category_drift import unseen_categories
from citylake.quality.drift.type_drift import UnreadableCount, find_type_drift

values = st.dictionaries(st.sampled_from(["kind", "state"]), st.sets(st.text(max_size=3), max_size=6))


def test_most_values_of_a_receipt_make_a_retype_and_a_few_are_dirt() -> None:
    dirt, drift = UnreadableCount("flow", "r1", 3, 97), UnreadableCount("flow", "r2", 51, 49, "快")
    assert find_type_drift([dirt, drift]) == {"flow": [drift]}
    assert find_type_drift([dirt, UnreadableCount("flow", "r3", 5, 5)]) == {}


def test_the_worst_receipt_comes_first() -> None:
    bad, worse = UnreadableCount("flow", "r1", 6, 4), UnreadableCount("flow", "r2", 10, 0)
    assert find_type_drift([bad, worse]) == {"flow": [worse, bad]}


@given(known=values)
def test_what_was_had_before_is_no_news(known: dict[str, set[str]]) -> None:
    assert unseen_categories(known, known, {}) == {}


@given(had=values, known=values, accepted=values)
def test_news_is_what_is_neither_known_nor_accepted_of_a_column_that_had_any(
    had: dict[str, set[str]], known: dict[str, set[str]], accepted: dict[str, set[str]]
) -> None:
    for column in had:
        news = set(unseen_categories(had, known, accepted).get(column, ()))
        expected = set(had[column]) - set(known.get(column, ())) - set(accepted.get(column, ()))
        assert news == (expected if known.get(column) else set())
