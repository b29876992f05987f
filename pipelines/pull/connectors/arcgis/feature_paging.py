"""Three ways to page through a layer; each page has the position after it, where a later pull can continue."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from citylake.pipelines.pull.connectors.arcgis.layer_query import LayerQuery, exceeded_transfer_limit, page_features
from citylake.pipelines.pull.http.http_request import JsonPage
from citylake.schemas.words.errors import CitylakeError

_WINDOW = 1000
"""Ids per request if the layer does not declare how many features it sends."""


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """A complete page, and the position after it."""

    page: JsonPage
    place: int


def page_by_offset(query: LayerQuery, size: int | None, place: int | None, *, counted: bool) -> Iterator[FeaturePage]:
    """Pages in the order of the object ids, until the server says that a page has all remaining features.

    A short page proves nothing: servers also limit pages by bytes. If the server omits whether there is more, that
    means no; but if the features were not ``counted`` either, only an empty page ends the pull.
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
    """Windows of the ids that the server listed; a window that the server cannot send completely is halved."""
    if not ids:
        yield FeaturePage(query.page(), 0)
        return
    at, window, largest = bisect_right(ids, place) if place is not None else 0, size or _WINDOW, 0
    while at < len(ids):
        stop = min(at + window, len(ids))
        page = query.page(f"{query.layer.key} >= {ids[at]} AND {query.layer.key} <= {ids[stop - 1]}")
        largest = max(largest, _feature_count(page), 1)
        # Without a known limit, a short response may be truncated without notice.
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
    """Ranges of object ids, no wider than a page that the server is known to send: none can be truncated.

    An empty range of any width is complete, so gaps are skipped in steps that double. It ends if there is nothing
    above the range.
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
    """The smallest object id."""
    lowest = 0
    while _feature_count(page):
        lowest = min(query.keys(page))
        page = query.page(f"{query.layer.key} < {lowest}")
    return lowest


def _feature_count(page: JsonPage) -> int:
    return len(page_features(page) or ())
