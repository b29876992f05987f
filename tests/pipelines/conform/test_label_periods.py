"""Labels and periods on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.thorough import examples

MADRID = "Europe/Madrid"
# The clocks of the last three change at midnight, by half an hour, and in the southern autumn.
ZONES = (MADRID, "America/Chicago", "Africa/Cairo", "Australia/Lord_Howe", "America/Santiago")
WIDE = """
reshape: [{unpivot: {named: '^H(?P<hour>\\d\\d)$', value: reading}}]
zone: Europe/Madrid
fields:
  t: {element: time.hour_start, from: [day, hour], join: "{day} {hour}", format: "%Y-%m-%d %H", label: LABEL}
  reading: {element: air.no2, unit: ug/m3}
"""


def one(zone: str, **words: str) -> str:
    extra = "".join(f", {word}: {text}" for word, text in words.items())
    return f"fields: {{v: {{element: time.observed_at, zone: {zone}{extra}}}}}"


def instants(*texts: str) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("period", "label", "text", "start"),
    [
        ("1d", "end", "2024-04-01 00:00:00", "2024-03-30T23:00Z"),
        ("1d", "end", "2024-10-28 00:00:00", "2024-10-26T22:00Z"),
        ("2d", "end", "2024-04-01 00:00:00", "2024-03-29T23:00Z"),
        ("24h", "end", "2024-04-01 00:00:00", "2024-03-30T22:00Z"),
        ("1w", "end", "2024-04-01 00:00:00", "2024-03-24T23:00Z"),
        ("1mo", "end", "2024-04-01 00:00:00", "2024-02-29T23:00Z"),
        ("1y", "end", "2025-01-01 00:00:00", "2023-12-31T23:00Z"),
        ("8h", "end", "2024-03-31 08:00:00", "2024-03-30T22:00Z"),
        ("1h", "end", "2024-03-31 02:00:00", "2024-03-31T00:00Z"),
        ("1h", "end", "2024-03-31 03:00:00", "2024-03-31T00:00Z"),
        ("15m", "end", "2024-03-31 02:00:00", "2024-03-31T00:45Z"),
        ("1d", "start", "2024-03-31 00:00:00", "2024-03-30T23:00Z"),
    ],
)
def test_hours_are_elapsed_time_and_days_are_those_of_the_calendar(
    bench: Any, period: str, label: str, text: str, start: str
) -> None:
    contract = one(MADRID, label=label, period=period)
    assert bench.column(contract, [text], "observed_at") == instants(start)


@pytest.mark.parametrize(
    ("label", "text"),
    [("end", "2024-03-31 02:30:00"), ("start", "2024-03-31 02:00:00"), ("end", "2024-03-31 02:59:59")],
)
def test_a_skipped_time_is_refused_unless_a_period_ends_there(bench: Any, label: str, text: str) -> None:
    staged = bench.stage(one(MADRID, label=label, period="1h"), [{"v": text}])
    assert bench.reasons(staged) == {1: [("TIME_UNREADABLE", "observed_at")]}


@pytest.mark.parametrize(("label", "text"), [("end", "2024-04-27 00:00:00"), ("start", "2024-04-26 00:00:00")])
def test_a_day_whose_midnight_is_skipped_begins_at_the_change(bench: Any, label: str, text: str) -> None:
    contract = one("Africa/Cairo", label=label, period="1d")
    assert bench.column(contract, [text], "observed_at") == instants("2024-04-25T22:00Z")


def test_a_day_with_its_offset_is_the_day_of_the_zone(bench: Any) -> None:
    contract = one(MADRID, label="end", period="1d", format='"%Y-%m-%dT%H:%M%:z"')
    assert bench.column(contract, ["2024-04-01T00:00+02:00"], "observed_at") == instants("2024-03-30T23:00Z")


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%:z"])
@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31 23:00:00"])
@pytest.mark.parametrize("period", ["1h", "1d", "1mo", "1y"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Chicago"])
def test_a_period_beyond_year_1_or_9999_refuses_its_row_only(
    bench: Any, form: str, text: str, period: str, zone: str
) -> None:
    near = f"{text.replace(' ', 'T')}+00:00" if form.endswith("z") else text
    contract = one(zone, label="end", period=period, format=f'"{form}||%d.%m.%Y"')
    reasons = bench.reasons(bench.stage(contract, [{"v": near}, {"v": "01.03.2026"}]))
    assert list(reasons) == [1]
    assert reasons[1][0][0] in ("TIME_UNREADABLE", "VALUE_OUT_OF_RANGE")


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)),
    minutes=st.sampled_from([15, 60, 480]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(8, 25), deadline=None)
def test_the_period_that_ends_at_a_local_time_is_the_one_that_elapsed(
    bench: Any, zone: str, start: datetime, minutes: int
) -> None:
    """Every hour of three days around any day: the end written by a clock gives the start again, or its twin."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    starts = [first + timedelta(hours=hour) for hour in range(72)]
    ends = [(each + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)) for each in starts]
    contract = one(zone, label="end", period=f"{minutes}m")
    read = bench.column(contract, [f"{end:%Y-%m-%d %H:%M:%S}" for end in ends], "observed_at")
    earlier = [end.replace(fold=0).astimezone(UTC) - timedelta(minutes=minutes) for end in ends]
    assert read == earlier


@given(zone=st.sampled_from(ZONES), day=st.dates(datetime(2020, 1, 1).date(), datetime(2030, 12, 31).date()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(8, 25), deadline=None)
def test_days_labelled_by_their_end_follow_one_another(bench: Any, zone: str, day: Any) -> None:
    ends = [day + timedelta(days=n) for n in range(120)]
    read = bench.column(one(zone, label="end", period="1d"), [f"{end} 00:00:00" for end in ends], "observed_at")
    assert [each.astimezone(ZoneInfo(zone)).date() for each in read] == [end - timedelta(days=1) for end in ends]
    lengths = {later - each for each, later in pairwise(read)}
    assert lengths <= {timedelta(hours=hours) for hours in (23, 23.5, 24, 24.5, 25)}


def wide(bench: Any, day: str, label: str, hours: range) -> tuple[Any, dict[str, Any]]:
    row = {"day": day, **{f"H{hour:02}": str(hour) for hour in hours}}
    staged = bench.stage(WIDE.replace("LABEL", label), [row])
    refused = {row["raw"]: row["reasons"] for row in bench.quarantine(staged).iter_rows(named=True)}
    return bench.standard(staged).sort("hour_start"), refused


@pytest.mark.parametrize(("label", "hours", "skipped"), [("end", range(1, 25), 3), ("start", range(24), 2)])
def test_of_24_columns_the_hour_that_the_clocks_skip_is_refused(
    bench: Any, label: str, hours: range, skipped: int
) -> None:
    rows, refused = wide(bench, "2024-03-31", label, hours)
    assert rows["hour_start"].to_list() == [
        datetime(2024, 3, 30, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in range(23)
    ]
    assert rows["no2_ugm3"].to_list() == [hour for hour in hours if hour != skipped]
    ((raw, reasons),) = refused.items()
    assert f'"{skipped:02}"' in raw
    assert [reason["code"] for reason in reasons] == ["TIME_UNREADABLE"]


@pytest.mark.parametrize(("label", "hours", "twice"), [("end", range(1, 25), 3), ("start", range(24), 2)])
def test_of_24_columns_the_hour_that_occurs_twice_is_the_earlier_and_says_so(
    bench: Any, label: str, hours: range, twice: int
) -> None:
    rows, refused = wide(bench, "2024-10-27", label, hours)
    assert not refused
    warned = rows.filter(rows["_warnings"] == "TIME_REPEATED")
    assert warned.select("hour_start", "no2_ugm3").rows() == [(datetime(2024, 10, 27, tzinfo=UTC), twice)]
    assert datetime(2024, 10, 27, 1, tzinfo=UTC) not in rows["hour_start"].to_list()


def counted(bench: Any, day: str, hours: range, label: str, extra: str = "") -> Any:
    contract = WIDE.replace("label: LABEL", f"label: {label}, {extra or 'hours: elapsed'}")
    return bench.stage(contract, [{"day": day, **{f"H{hour:02}": str(hour) for hour in hours}}])


@pytest.mark.parametrize(
    ("day", "first", "last"), [("2024-03-31", 23, 23), ("2024-10-27", 22, 25), ("2024-06-01", 22, 24)]
)
@pytest.mark.parametrize("label", ["start", "end"])
def test_hours_that_are_counted_are_each_hour_of_the_day_by_position(
    bench: Any, day: str, first: int, last: int, label: str
) -> None:
    begin = 1 if label == "end" else 0
    staged = counted(bench, day, range(begin, begin + 26), label)
    rows = bench.standard(staged).sort("hour_start")
    midnight = datetime.fromisoformat(f"{day}T{first}:00Z") - timedelta(days=1)
    assert rows["hour_start"].to_list() == [midnight + timedelta(hours=hour) for hour in range(last)]
    assert rows["no2_ugm3"].to_list() == list(range(begin, begin + last))
    assert rows["_warnings"].null_count() == last
    refused = bench.quarantine(staged)
    assert len(refused) == 26 - last
    assert {reason["code"] for row in refused["reasons"] for reason in row} == {"TIME_UNREADABLE"}


@pytest.mark.parametrize(
    ("form", "label", "text", "start"),
    [
        ("%Y-%m-%d %H", "start", "2024-10-27 2A", "2024-10-27T00:00Z"),
        ("%Y-%m-%d %H", "start", "2024-10-27 2B", "2024-10-27T01:00Z"),
        ("%Y-%m-%d %H", "start", "2024-10-27 3", "2024-10-27T02:00Z"),
        ("%Y-%m-%d %H", "start", "2024-10-28 2A", "2024-10-28T01:00Z"),
        ("%Y-%m-%d %H", "end", "2024-10-27 3A", "2024-10-27T00:00Z"),
        ("%Y-%m-%d %H", "end", "2024-10-27 3B", "2024-10-27T01:00Z"),
        ("%Y-%m-%d %H:%M", "start", "2024-10-27 02B:30", "2024-10-27T01:30Z"),
        ("%H:%M %d.%m.%Y", "start", "02:30 B 27.10.2024", "2024-10-27T01:30Z"),
    ],
)
@pytest.mark.parametrize("first", ["A", ""])
def test_a_mark_says_which_of_two_hours_it_is(
    bench: Any, form: str, label: str, text: str, start: str, first: str
) -> None:
    contract = one(MADRID, label=label, period="1h", format=f'"{form}"', repeated=f'["{first}", B]')
    written = text if first else text.replace("A", "")
    rows = bench.standard(bench.stage(contract, [{"v": written}]))
    assert rows.select("observed_at", "_warnings").rows() == [(datetime.fromisoformat(start), None)]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("start", "2024-10-28 2B"),
        ("start", "2024-10-27 2"),
        ("start", "2024-03-31 2A"),
        ("start", "2024-03-31 2"),
        ("end", "2024-03-31 3"),
        ("end", "2024-10-27 3"),
    ],
)
def test_an_hour_that_the_day_does_not_have_or_that_lacks_its_mark_is_refused(
    bench: Any, label: str, text: str
) -> None:
    contract = one(MADRID, label=label, period="1h", format='"%Y-%m-%d %H"', repeated="[A, B]")
    assert bench.reasons(bench.stage(contract, [{"v": text}])) == {1: [("TIME_UNREADABLE", "observed_at")]}
