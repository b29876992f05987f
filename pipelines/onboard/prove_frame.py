"""The coordinate frame of a pair of fields, by places whose coordinates the lake knows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from citylake.pipelines.conform.bind.coordinate_frames import convert_to_wgs84
from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.schemas.model.element import is_identifier

LONGITUDE, LATITUDE = "place.longitude", "place.latitude"
_FRAMES = ("WGS-84", "GCJ-02", "BD-09")
_PLACES = 3
"""Places that must be known."""
_SAME_M, _OTHER_M = 60.0, 150.0
"""A frame is proven if the median distance is at most the first number, and above the second in every other frame."""
_METRES = 111_320.0


def prove_frame(plan: DraftPlan, known: KnownTables) -> dict[str, BindingProof]:
    """Proofs of the fields of longitude and latitude; without known places, the note that the frame is not known."""
    pair = {each.element.id: each for each in plan.bound if each.element and each.element.id in (LONGITUDE, LATITUDE)}
    if len(pair) < 2:
        return {}
    lon, lat = pair[LONGITUDE], pair[LATITUDE]
    for dataset, places in _known_places(plan, lon, lat, known):
        frame, metres = _nearest_frame(places)
        if frame:
            words = {"frame": frame}
            notes = [("frame", {"frame": frame, "dataset": dataset, "count": places.height, "metres": f"{metres:.0f}"})]
            return {
                lon.field: BindingProof({**words, "pair": lat.field}, notes),
                lat.field: BindingProof({**words, "pair": lon.field}, notes),
            }
    return {each.field: BindingProof({}, [("frame_unknown", {})]) for each in (lon, lat)}


def _known_places(
    plan: DraftPlan, lon: FieldChoice, lat: FieldChoice, known: KnownTables
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Places that a table of the lake has under the same identifier: ``lon lat`` here, ``x y`` there."""
    identifiers = [each for each in plan.bound if each.element and is_identifier(each.element)]
    for each in identifiers:
        element = each.element.id if each.element else ""
        rows = plan.sample.rows
        here = pl.DataFrame(
            {
                "id": rows[each.field].str.strip_chars(),
                "lon": rows[lon.field].cast(pl.Float64, strict=False),
                "lat": rows[lat.field].cast(pl.Float64, strict=False),
            }
        )
        for dataset, columns, table in known.with_elements([element, LONGITUDE, LATITUDE]):
            there = table.select(
                pl.col(columns[element]).cast(pl.String).alias("id"),
                pl.col(columns[LONGITUDE]).cast(pl.Float64).alias("x"),
                pl.col(columns[LATITUDE]).cast(pl.Float64).alias("y"),
            )
            places = here.lazy().join(there, on="id").drop_nulls().unique("id").collect(engine="streaming")
            if places.height >= _PLACES:
                yield dataset, places


def _nearest_frame(places: pl.DataFrame) -> tuple[str | None, float]:
    gaps = {frame: _median_metres(convert_to_wgs84(places, "lon", "lat", frame)) for frame in _FRAMES}
    best, *others = sorted(gaps, key=gaps.__getitem__)
    proven = gaps[best] <= _SAME_M and all(gaps[each] > _OTHER_M for each in others)
    return (best if proven else None), gaps[best]


def _median_metres(places: pl.DataFrame) -> float:
    east = (pl.col("lon") - pl.col("x")) * pl.col("y").radians().cos() * _METRES
    north = (pl.col("lat") - pl.col("y")) * _METRES
    return float(places.select((east**2 + north**2).sqrt().median()).item())
