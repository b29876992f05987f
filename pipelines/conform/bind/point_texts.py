"""Texts that hold both coordinates of a point."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.schemas.model.place_words import PointOrder

_NUMBER = r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_WKT = rf"(?i)^(?:SRID=\d+;)?\s*POINT\s*(?:ZM?|M)?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+[-+.\deE]+)*\s*\)$"
_GEOJSON = rf'^\{{.*"coordinates"\s*:\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}.*\]\s*.*\}}$'
_TWO = rf"^[(\[]?\s*{_NUMBER}\s*[,;，；\s]\s*{_NUMBER}\s*[)\]]?$"


def point_coordinate(text: pl.Expr, order: PointOrder, *, longitude: bool, sentinels: Sequence[str] = ()) -> pl.Expr:
    """The longitude or the latitude in ``text``, as text; no number if ``text`` holds no two of them.

    WKT and GeoJSON have longitude first, whatever the ``order`` of two plain numbers is.
    """
    place = 1 if longitude else 2
    plain = place if order == "lon,lat" else 3 - place
    short = text.str.strip_chars()
    # One number alone would be read as both coordinates.
    no_point = pl.when(short.is_in(["", *sentinels])).then(short).otherwise(pl.format("point {}", short))
    return pl.coalesce(
        short.str.extract(_WKT, place), short.str.extract(_GEOJSON, place), short.str.extract(_TWO, plain), no_point
    )


def holds_point(text: pl.Expr) -> pl.Expr:
    """Whether ``text`` holds two coordinates."""
    return pl.any_horizontal(text.str.contains(pattern) for pattern in (_WKT, _GEOJSON, _TWO))
