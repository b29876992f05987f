"""Category columns, and the values that a dataset never had before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MAX_CATEGORIES = 5000
"""Distinct values from which a column is no category: nothing of it is kept, and nothing is news."""


def unseen_categories(
    had: Mapping[str, Collection[str]], known: Mapping[str, Collection[str]], accepted: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """By column, the values of ``had`` that are neither ``known`` nor ``accepted``.

    A column of which nothing is known has its first batch: there is no news in it.
    """
    news = {
        column: sorted(set(values) - set(known[column]) - set(accepted.get(column, ())))
        for column, values in had.items()
        if known.get(column)
    }
    return {column: values for column, values in news.items() if values}
