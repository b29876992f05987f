"""The coordinates of sensors, from a register that the contract refers to by columns of the sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.sensor_rows import as_number, as_text, scan_standard
from citylake.quality.sensors.sensor_series import ENTITY
from citylake.quality.sensors.sibling_distance import LATITUDE, LONGITUDE
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.sensor_series_plan import SeriesPlan, coordinates_of

if TYPE_CHECKING:
    import polars as pl


def reference_places(
    context: RunContext,
    contract: Contract,
    plan: SeriesPlan,
    sensors: pl.DataFrame,
    references: Mapping[str, Sequence[str]],
) -> pl.DataFrame | None:
    """Return ENTITY, LONGITUDE and LATITUDE of the ``sensors``; None if they are not needed, or no register has them.

    ``sensors``: ENTITY and the plan's columns that name a sensor. ``references``: dataset → files of its table.
    """
    if plan.place or not plan.tests.siblings or plan.tests.siblings.group:
        return None
    for reference in contract.references:
        register, files = context.registry.contracts.get(reference.dataset), references.get(reference.dataset)
        place = coordinates_of(elements_by_column(register, context.registry)) if register else None
        if place and files and set(reference.columns) <= set(plan.entity):
            found = scan_standard(context.lake, files)
            known = found.collect_schema()
            keys = zip(reference.keys, reference.columns, strict=True)
            texts = [as_text(known, key).alias(column) for key, column in keys]
            numbers = [as_number(known, place[0]).alias(LONGITUDE), as_number(known, place[1]).alias(LATITUDE)]
            placed = found.select(*texts, *numbers).drop_nulls().unique(reference.columns, keep="any")
            joined = sensors.join(placed.collect(engine="streaming"), on=list(reference.columns))
            return joined.select(ENTITY, LONGITUDE, LATITUDE)
    return None
