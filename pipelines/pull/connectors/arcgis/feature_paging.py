"""Three ways through a layer's features; each page comes with the place after it, where a later pull may go on."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from citylake.pipelines.pull.connectors.arcgis.layer_query import LayerQuery, exceeded_transfer_limit, page_features
from citylake.pipelines.pull.http.http_request import JsonPage
from citylake.schemas.words.errors import CitylakeError

_WINDOW = 1000
"""Ids asked for together where the layer does not say how many features it sends at once."""


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """A page that is whole, and the place after it."""

    page: JsonPage
    place: int


def page_by_offset(query: LayerQuery, size: int | None, place: int | None, *, counted: bool) -> Iterator[FeaturePage]:
    """Pages in the order of the object ids, until the server says that a page holds all that was left.

    A short page says nothing: servers cut pages by bytes too. Where the server leaves out whether there is more, that
    means no; where the features were not ``counted`` either, it is believed only of an empty page.
    """
    place, params = place or 0, {"resultRecordCount": size} if size else {}
    more = True
    while more:
        page = query.page(None, resultOffset=place, orderByFields=f"{query.layer.key} ASC", **params)
        count, said = _feature_count(page), exceeded_transfer_limit(page)
        more = (not counted and count > 0) if said is None else said
        if more and not count:
            raise CitylakeError("ARCGIS_STUCK", source=query.layer.shown, place=place)
        place += count
        yield FeaturePage(page, place)


def page_by_object_ids(
    query: LayerQuery, ids: array[int], size: int | None, place: int | None
) -> Iterator[FeaturePage]:
    """Windows of the ids that the server named; one that the server cannot send whole is asked for by halves."""
    if not ids:
        yield FeaturePage(query.page(), 0)
        return
    at, window, largest = bisect_right(ids, place) if place is not None else 0, size or _WINDOW, 0
    while at < len(ids):
        stop = min(at + window, len(ids))
        page = query.page(f"{query.layer.key} >= {ids[at]} AND {query.layer.key} <= {ids[stop - 1]}")
        largest = max(largest, _feature_count(page), 1)
        # Where no limit is known, an answer that is too short may be cut without a word.
        cut = exceeded_transfer_limit(page) or (
            exceeded_transfer_limit(page) is None and size is None and _feature_count(page) < stop - at
        )
        if cut and stop - at > 1:
            window = max(1, (stop - at) // 2)
            continue
        if exceeded_transfer_limit(page):
            raise CitylakeError("ARCGIS_STUCK", source=query.layer.shown, place=ids[at])
        yield FeaturePage(page, ids[stop - 1])
        at, window = stop, min(window * 2, size or largest)


def page_by_id_ranges(query: LayerQuery, place: int | None) -> Iterator[FeaturePage]:
    """Spans of object ids no wider than a page that the server has shown to send: none of them can be cut.

    An empty span of any width is proof of itself, so gaps are passed in steps that double. It ends where nothing is
    left above.
    """
    first = query.page()
    widest = _feature_count(first)
    if not widest or exceeded_transfer_limit(first) is False:
        yield FeaturePage(first, 0)
        return
    at, width = _lowest_object_id(query, first) if place is None else place, widest
    while True:
        page = query.page(f"{query.layer.key} >= {at} AND {query.layer.key} < {at + width}")
        if not _feature_count(page):
            if not _feature_count(query.page(f"{query.layer.key} >= {at + width}")):
                return
            at, width = at + width, width * 2
        elif width > widest or (exceeded_transfer_limit(page) and width > 1):
            width = max(1, width // 2)
        else:
            at += width
            yield FeaturePage(page, at)


def _lowest_object_id(query: LayerQuery, page: JsonPage) -> int:
    """The least object id: below it there is nothing."""
    lowest = 0
    while _feature_count(page):
        lowest = min(query.keys(page))
        page = query.page(f"{query.layer.key} < {lowest}")
    return lowest


def _feature_count(page: JsonPage) -> int:
    return len(page_features(page) or ())
