"""Row rules of a binding's own words: parts of packed fields, signs in other fields, plausible times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.label_periods import has_calendar_period
from citylake.pipelines.conform.bind.row_zones import row_repeated_rule
from citylake.pipelines.conform.bind.source_texts import part_missing_rule
from citylake.pipelines.conform.bind.time_values import labelled_instant
from citylake.pipelines.conform.bind.value_qualifiers import qualifier_rules
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.binding_words import QualifierFrom, ZoneFrom
from citylake.schemas.model.element import TimeSpan
from citylake.schemas.notation.time_format import uses_zone


def binding_rules(bounds: Sequence[BoundColumn]) -> Iterator[RowRule]:
    """The rules of each column that follow from its binding alone."""
    for bound in bounds:
        binding = bound.binding
        if binding.split:
            yield part_missing_rule(bound)
        if isinstance(binding.qualifier, QualifierFrom) and binding.qualifier.field:
            yield from qualifier_rules(bound, binding.qualifier.field, binding.qualifier.names)
        span = binding.span or bound.element.span
        if span and bound.element.type in ("date", "datetime"):
            yield from _span_rule(bound, span)


def row_zone_rules(bounds: Sequence[BoundColumn]) -> list[RowRule]:
    """TIME_REPEATED for columns whose rows name their zone."""
    return [
        row_repeated_rule(bound, bound.binding.zone, labelled_instant(bound, pl.col(bound.column)))
        for bound in bounds
        if isinstance(bound.binding.zone, ZoneFrom)
        and bound.element.type == "datetime"
        and uses_zone(bound.binding.format or "")
        and not has_calendar_period(bound)
    ]


def _span_rule(bound: BoundColumn, span: TimeSpan) -> Iterator[RowRule]:
    value, is_date = pl.col(bound.column), bound.element.type == "date"
    outside, words = [], [f"{span.earliest}" if span.earliest else "", "…"]
    if span.earliest:
        first = datetime(span.earliest.year, span.earliest.month, span.earliest.day, tzinfo=UTC)
        outside.append(value < (span.earliest if is_date else first))
    if span.latest and bound.run_at:
        last = bound.run_at + parse_duration(span.latest)
        outside.append(value > (_last_day(last) if is_date else last))
        words.append(f"{last:%Y-%m-%d %H:%M}Z")
    if outside:
        yield RowRule("TIME_OUT_OF_SPAN", bound.column, pl.any_horizontal(outside), detail_text=" ".join(words).strip())


def _last_day(moment: datetime) -> date:
    """The day on which ``moment`` is, in the zone that is furthest ahead."""
    return (moment + timedelta(hours=14)).date()
