"""Whether hours are labelled by their start or their end, and in which zone, by a table with the same readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.number_draft import read_sample_numbers
from citylake.schemas.model.element import is_identifier

_STARTS = ("time.hour_start", "time.interval_start")
"""Elements that are the start of a period; others are only if their binding has a label."""
_READINGS = 12
"""Equal readings that must be found, of several values."""
_SAME, _OTHER = 0.9, 0.5
"""A label is proven if at least the first share of readings is equal, and less than the second by every other one."""


def prove_label(plan: DraftPlan, known: KnownTables) -> dict[str, BindingProof]:
    """The label and the zone of the field of hours; for every time, what of them is not known."""
    times = [each for each in plan.bound if each.element and each.element.type == "datetime"]
    proofs = {each.field: BindingProof({}, _zone_note(each)) for each in times}
    hours = [each for each in times if _is_hourly(plan, each)]
    if len(hours) == 1:
        proofs[hours[0].field] = _prove_hours(plan, hours[0], known)
    return proofs


def _prove_hours(plan: DraftPlan, time: FieldChoice, known: KnownTables) -> BindingProof:
    for key, measure in _series(plan):
        for dataset, readings in _siblings(plan, time, key, measure, known):
            found = _proven(readings, time)
            if found is not None:
                words, count = found
                note = {"label": words["label"], "zone": words["zone"], "dataset": dataset, "count": count}
                return BindingProof(words, [("label", note)])
    return BindingProof({}, [("label_unknown", {}), *_zone_note(time)])


def _zone_note(time: FieldChoice) -> list[tuple[str, Mapping[str, Any]]]:
    zone = (time.binding or {}).get("zone")
    return [("zone_assumed", {"zone": zone})] if zone else []


def _local_times(plan: DraftPlan, time: FieldChoice) -> pl.Series | None:
    form = str((time.binding or {}).get("format", ""))
    if "%" not in form or form.endswith("z"):
        return None
    return plan.sample.rows[time.field].str.to_datetime(form, strict=False)


def _is_hourly(plan: DraftPlan, time: FieldChoice) -> bool:
    local = _local_times(plan, time)
    if local is None or local.drop_nulls().n_unique() < 2:
        return False
    return bool((local.drop_nulls() == local.drop_nulls().dt.truncate("1h")).all())


def _series(plan: DraftPlan) -> Iterator[tuple[FieldChoice, FieldChoice]]:
    """Pairs of an identifier and a measured value."""
    keys = [each for each in plan.bound if each.element and is_identifier(each.element)]
    measures = [each for each in plan.bound if each.element and each.element.type in ("decimal", "integer")]
    yield from ((key, measure) for key in keys for measure in measures)


def _siblings(
    plan: DraftPlan, time: FieldChoice, key: FieldChoice, measure: FieldChoice, known: KnownTables
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Readings here (``id``, ``local``, ``value``) beside those of a table (``instant``, ``other``)."""
    local = _local_times(plan, time)
    if local is None or not (time.element and key.element and measure.element):
        return
    numbers = read_sample_numbers(measure.element, plan.sample.rows[measure.field].fill_null("").to_list())
    here = pl.DataFrame({"id": plan.sample.rows[key.field].str.strip_chars(), "local": local, "value": numbers})
    for moment in dict.fromkeys((time.element.id, *_STARTS)):
        yield from _beside(here, (key.element.id, moment, measure.element.id), known)


def _beside(here: pl.DataFrame, wanted: tuple[str, str, str], known: KnownTables) -> Iterator[tuple[str, pl.LazyFrame]]:
    """The readings beside those of each table whose instants are known to be starts."""
    for dataset, columns, table in known.with_elements(wanted):
        bindings = known.registry.contracts[dataset].fields.values()
        if wanted[1] not in _STARTS and not any(each.label for each in bindings if each.element == wanted[1]):
            continue
        there = table.select(
            pl.col(columns[wanted[0]]).cast(pl.String).alias("id"),
            pl.col(columns[wanted[1]]).dt.convert_time_zone("UTC").alias("instant"),
            pl.col(columns[wanted[2]]).cast(pl.Float64).alias("other"),
        )
        yield dataset, here.lazy().drop_nulls().join(there.drop_nulls(), on="id")


def _proven(readings: pl.LazyFrame, time: FieldChoice) -> tuple[dict[str, str], int] | None:
    zones = dict.fromkeys((str((time.binding or {}).get("zone", "UTC")), "UTC"))
    shares: dict[tuple[str, str], tuple[float, int]] = {}
    for zone in zones:
        for label, hours in (("start", 0), ("end", 1)):
            shares[zone, label] = _equal_share(readings, zone, hours)
    best, *others = sorted(shares, key=lambda each: -shares[each][0])
    share, count = shares[best]
    if count < _READINGS or share < _SAME or any(shares[each][0] >= _OTHER for each in others):
        return None
    words = {"zone": best[0], "label": best[1]}
    return (words if time.element and time.element.period else {**words, "period": "1h"}), count


def _equal_share(readings: pl.LazyFrame, zone: str, hours: int) -> tuple[float, int]:
    """The share of equal readings, and their number, if the labels are ``hours`` after the start."""
    instant = pl.col("local").dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    start = instant.dt.convert_time_zone("UTC") - pl.duration(hours=hours)
    same = readings.filter(start == pl.col("instant"))
    told = same.select((pl.col("value") - pl.col("other")).abs().lt(1e-6).mean().alias("share"), pl.len().alias("n"))
    share, count = told.collect(engine="streaming").row(0)
    return float(share or 0.0), int(count)
