"""Columns that were retyped, and categories never had before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quality.drift.categories import unseen
from quality.drift.retyped import Unread, retyped

values = st.dictionaries(st.sampled_from(["kind", "state"]), st.sets(st.text(max_size=3), max_size=6))


def test_most_values_of_a_receipt_make_a_retype_and_a_few_are_dirt():
    dirt, drift = Unread("flow", "r1", 3, 97), Unread("flow", "r2", 51, 49, "快")
    assert retyped([dirt, drift]) == {"flow": [drift]}
    assert retyped([dirt, Unread("flow", "r3", 5, 5)]) == {}


def test_the_worst_receipt_comes_first():
    bad, worse = Unread("flow", "r1", 6, 4), Unread("flow", "r2", 10, 0)
    assert retyped([bad, worse]) == {"flow": [worse, bad]}


@given(known=values)
def test_what_was_had_before_is_no_news(known):
    assert unseen(known, known, {}) == {}


@given(had=values, known=values, accepted=values)
def test_news_is_what_is_neither_known_nor_accepted_of_a_column_that_had_any(had, known, accepted):
    for column in had:
        news = set(unseen(had, known, accepted).get(column, ()))
        expected = set(had[column]) - set(known.get(column, ())) - set(accepted.get(column, ()))
        assert news == (expected if known.get(column) else set())
