"""SIBLINGS_DISAGREE: a sensor departs from the sensors near it that measure the same element in the same hour."""

from __future__ import annotations

import polars as pl

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, VALUE, select_readings, spans_of_flagged
from citylake.quality.sensors.value_jump import MAD_TO_DEVIATION, Q90_TO_DEVIATION
from citylake.schemas.model.sensor_rules import SiblingTest

CODE = "SIBLINGS_DISAGREE"
SIBLING, GROUP = "_sibling", "_group"
LONGITUDE, LATITUDE = "_longitude", "_latitude"
MOST = 8
"""Siblings of a sensor; of more, the nearest ones count."""
_KM_A_DEGREE = 111.2
_OTHERS, _AWAY = "_others", "_away"


def hourly_values(series: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return the median reading of each sensor and hour: ENTITY, AT (start of the hour), FRESH, VALUE."""
    rows = select_readings(series, column).with_columns(pl.col(AT).dt.truncate("1h"))
    return rows.group_by(ENTITY, AT).agg(pl.col(FRESH).any(), pl.col(VALUE).median())


def near_siblings(places: pl.DataFrame, radius_km: float) -> pl.DataFrame:
    """Return pairs of sensors within ``radius_km``: ENTITY, SIBLING, the nearest MOST of each.

    ``places``: ENTITY, LONGITUDE, LATITUDE in degrees, one row a sensor. The distance is that on a plane, which is
    exact enough for neighbours; sensors are sought in the cells of a grid, not among all others.
    """
    step = radius_km / _KM_A_DEGREE
    cosine = pl.col(LATITUDE).radians().cos().clip(0.05)
    row = (pl.col(LATITUDE) / step).floor().cast(pl.Int64).alias("_y")
    # One cosine a strip of cells, so that cells of neighbouring strips are as wide.
    placed = places.with_columns(row, _x=(pl.col(LONGITUDE) / (2 * step)).floor().cast(pl.Int64), _cosine=cosine)
    reach = int(placed.select((0.5 / pl.col("_cosine")).max()).item() or 1) + 1
    shifts = pl.DataFrame({"_dx": range(-reach, reach + 1)}).join(pl.DataFrame({"_dy": [-1, 0, 1]}), how="cross")
    around = placed.join(shifts, how="cross").with_columns(pl.col("_x") + pl.col("_dx"), pl.col("_y") + pl.col("_dy"))
    met = around.join(placed.rename({ENTITY: SIBLING}), on=["_x", "_y"], suffix="_2")
    east = (pl.col(LONGITUDE) - pl.col(f"{LONGITUDE}_2")) * pl.col("_cosine")
    north = pl.col(LATITUDE) - pl.col(f"{LATITUDE}_2")
    far = ((east**2 + north**2).sqrt() * _KM_A_DEGREE).alias("_km")
    near = met.filter(pl.col(ENTITY) != pl.col(SIBLING)).with_columns(far).filter(pl.col("_km") <= radius_km)
    return near.sort(ENTITY, "_km", SIBLING).group_by(ENTITY, maintain_order=True).head(MOST).select(ENTITY, SIBLING)


def group_siblings(groups: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of sensors of the same group: ENTITY, SIBLING; MOST of each. ``groups``: ENTITY, GROUP."""
    known = groups.drop_nulls(GROUP)
    pairs = known.join(known.rename({ENTITY: SIBLING}), on=GROUP).filter(pl.col(ENTITY) != pl.col(SIBLING))
    return pairs.sort(ENTITY, SIBLING).group_by(ENTITY, maintain_order=True).head(MOST).select(ENTITY, SIBLING)


def find_disagreement(hours: pl.LazyFrame, siblings: pl.DataFrame, column: str, test: SiblingTest) -> pl.LazyFrame:
    """Return the spans in which a sensor departs from its siblings. ``hours``: of :func:`hourly_values`.

    What is usual is the sensor's own distance to the median of its siblings: one at a kerb may always be higher. The
    median of the siblings follows none of them, so that one wrong sensor does not make its neighbours wrong, if there
    are three or more.
    """
    others = (
        siblings.lazy()
        .join(hours.select(pl.col(ENTITY).alias(SIBLING), AT, VALUE), on=SIBLING)
        .group_by(ENTITY, AT)
        .agg(pl.col(VALUE).median().alias(_OTHERS), n=pl.len())
        .filter(pl.col("n") >= test.siblings)
    )
    rows = hours.join(others, on=[ENTITY, AT]).with_columns((pl.col(VALUE) - pl.col(_OTHERS)).alias(_AWAY))
    away = pl.col(_AWAY)
    usual = rows.group_by(ENTITY).agg(middle=away.median(), hours=pl.len())
    spread = rows.join(usual, on=ENTITY).with_columns((away - pl.col("middle")).abs().alias("_off"))
    off = pl.col("_off")
    own = spread.group_by(ENTITY).agg(
        scale=pl.max_horizontal(off.median() * MAD_TO_DEVIATION, off.quantile(0.9) * Q90_TO_DEVIATION)
    )
    scaled = spread.join(own, on=ENTITY).with_columns(
        pl.max_horizontal("scale", pl.col("scale").filter(pl.col("scale") > 0).median()).alias("scale")
    )
    flagged = (off > test.factor * pl.col("scale")) & (pl.col("hours") >= 24)
    detail = pl.format("value={} siblings={}", pl.col(VALUE).round(3), pl.col(_OTHERS).round(3))
    spans = spans_of_flagged(scaled.sort(ENTITY, AT), flagged, CODE, column, detail)
    return spans.filter(pl.col("readings") >= test.hours)
