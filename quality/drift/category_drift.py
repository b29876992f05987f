"""New values in category columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MAX_CATEGORIES = 5000
"""A column with more distinct values than this is not a category: its values are neither recorded nor reported."""


def unseen_categories(
    had: Mapping[str, Collection[str]], known: Mapping[str, Collection[str]], accepted: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Return, by column, the sorted values of ``had`` that are neither in ``known`` nor in ``accepted``.

    A column without known values is in its first batch, so none of its values is reported as new.
    """
    news = {
        column: sorted(set(values) - set(known[column]) - set(accepted.get(column, ())))
        for column, values in had.items()
        if known.get(column)
    }
    return {column: values for column, values in news.items() if values}
