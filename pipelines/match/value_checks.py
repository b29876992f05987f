"""Whether a field's values may be an element's: one check for each type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from citylake.pipelines.match.code_share import check_codes
from citylake.pipelines.match.number_checks import check_numbers
from citylake.pipelines.match.value_findings import (
    NOTHING_FOUND,
    ValueFindings,
    join_findings,
    percent,
    rules_out,
    speaks_against,
    speaks_for,
)
from citylake.pipelines.match.value_profile import ValueProfile
from citylake.quality.rules.check_digits import has_check_digit
from citylake.schemas.model.element import DataElement, is_identifier
from citylake.schemas.notation import parse_format
from citylake.schemas.notation.value_format import ValueFormat
from citylake.schemas.read.registry import Registry

_MOST, _FEW = 0.9, 0.1
_TIMES = {"datetime": 0.35, "date": 0.35, "time": 0.35}
_FLAGS = frozenset(["0", "1", "y", "n", "yes", "no", "true", "false", "t", "f", "是", "否", "有", "无", "on", "off"])
_LONG_TEXT, _FEW_TIMES = 60, 3
CHECKED_LENGTHS: Mapping[str, int] = {"uscc": 18, "organisation_code": 9, "id_number": 18, "vin": 17}
"""Characters of the numbers that have a check digit and one length."""


def check_values(
    element: DataElement, profile: ValueProfile, registry: Registry, *, named_as_time: bool = False
) -> ValueFindings:
    """Evidence for and against ``element``. ``named_as_time``: the field's name says so; only then epochs are times."""
    if not profile.values:
        return NOTHING_FOUND
    if element.type in ("decimal", "integer"):
        return check_numbers(element, profile)
    if element.type in _TIMES:
        return _check_times(element, profile, named_as_time)
    if element.type == "geometry":
        fits = profile.geometry_share >= _MOST
        return speaks_for("geometries", 0.8) if fits else rules_out("no_geometries")
    if element.type == "boolean":
        share = profile.share(lambda text: text.casefold() in _FLAGS)
        fits = share >= _MOST and len(profile.values) <= 4
        return speaks_for("flags", 0.3) if fits else rules_out("no_flags", share=percent(share))
    return _check_text(element, profile, registry)


def _check_times(element: DataElement, profile: ValueProfile, named_as_time: bool) -> ValueFindings:
    if element.type == "time":
        fits = profile.clock_share >= _MOST
        return speaks_for("clock_times", 0.35) if fits else rules_out("no_times", share=percent(profile.clock_share))
    own, other = profile.datetime_share, profile.date_share
    own, other = (own, other) if element.type == "datetime" else (other, own)
    if own >= _MOST:
        return _check_hours(element, profile) if element.type == "datetime" else speaks_for("dates", 0.35)
    if own + other >= _MOST:
        return speaks_against("other_precision", 0.1 if element.type == "date" else 0.25)
    if element.type == "date" and profile.period_share >= _MOST:
        return speaks_against("other_precision", 0.3)
    if named_as_time and element.type == "datetime" and profile.epoch_share >= _MOST:
        return speaks_for("epochs", 0.3)
    return rules_out("no_times", share=percent(own + other))


def _check_hours(element: DataElement, profile: ValueProfile) -> ValueFindings:
    """Times that are all on the hour name hours: whether by their start or their end, a person has to say."""
    if profile.full_hour_share < _MOST or len(profile.values) < _FEW_TIMES or "hour" in element.symbol:
        return speaks_for("times", _TIMES["datetime"])
    return join_findings(speaks_for("times", _TIMES["datetime"]), speaks_against("on_the_hour", 0.05))


def _check_text(element: DataElement, profile: ValueProfile, registry: Registry) -> ValueFindings:
    found = [_check_shape(element, profile), check_codes(element, profile, registry)]
    if element.check_digit:
        found.append(_check_digits(element, profile))
    if element.codes:
        # A source may have the names of codes, or codes of its own.
        return join_findings(*found)
    if element.pattern:
        found.append(_check_pattern(element.pattern, profile))
    elif element.format:
        found.append(_check_format(_read_format(element.format), profile))
    return join_findings(*found)


def _check_shape(element: DataElement, profile: ValueProfile) -> ValueFindings:
    """What no identifier, name or text looks like."""
    separated = profile.digits_share <= _FEW
    if profile.date_share + profile.datetime_share >= _MOST and separated:
        return rules_out("are_times")
    if profile.geometry_share >= _MOST:
        return rules_out("are_geometries")
    if profile.fraction_share >= 0.5:
        return rules_out("are_quantities", share=percent(profile.fraction_share))
    if element.representation in ("name", "description") and profile.number_share >= _MOST:
        return speaks_against("only_numbers", 0.4)
    if is_identifier(element) and sum(profile.lengths) / len(profile.lengths) > _LONG_TEXT:
        return speaks_against("long_texts", 0.5)
    return NOTHING_FOUND


def _check_digits(element: DataElement, profile: ValueProfile) -> ValueFindings:
    assert element.check_digit is not None
    usual = CHECKED_LENGTHS.get(element.check_digit)
    if usual and sum(1 for each in profile.lengths if abs(each - usual) > 1) > len(profile.lengths) / 2:
        return rules_out("no_check_digits", share=0)
    texts = pl.DataFrame({"value": [value.upper() for value in profile.values]})
    right = texts.select(has_check_digit(element.check_digit, pl.col("value"))).to_series()
    share = sum(right.to_list()) / len(texts)
    if share >= 0.8:
        # One number in ten has the right digit by chance; many do not.
        return speaks_for("check_digits", 0.95 if len(texts) >= 5 else 0.6, share=percent(share))
    return rules_out("no_check_digits", share=percent(share)) if share < 0.5 else NOTHING_FOUND


def _check_pattern(pattern: str, profile: ValueProfile) -> ValueFindings:
    share = profile.share(re.compile(pattern).fullmatch)
    if share >= _MOST:
        return speaks_for("pattern", 0.3, pattern=pattern, share=percent(share))
    return rules_out("no_pattern", pattern=pattern, share=percent(share)) if share < 0.5 else NOTHING_FOUND


@lru_cache(maxsize=1024)
def _read_format(text: str) -> ValueFormat:
    return parse_format(text)


def _check_format(form: ValueFormat, profile: ValueProfile) -> ValueFindings:
    most = form.max_length
    fits = sum(1 for each in profile.lengths if form.min_length <= each <= (most or each)) / len(profile.lengths)
    digits = form.characters != "n" or profile.digits_share >= _MOST
    if most is not None and fits < 0.5:
        return rules_out("lengths", share=percent(fits), most=most)
    if not digits:
        return speaks_against("not_digits", 0.3)
    telling = form.fixed and form.characters == "n" and (most or 0) > 3 and fits >= _MOST
    return speaks_for("fixed_digits", 0.25, digits=most or 0) if telling else NOTHING_FOUND
