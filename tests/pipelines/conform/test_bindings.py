"""Each word of the binding language does what the contract says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from citylake.pipelines.conform.bind.code_matcher import parse_successors
from citylake.schemas.model.code_list import CodeList, Crosswalk


def one(element: str, **binding: object) -> str:
    extra = "".join(f", {key.rstrip('_')}: {value}" for key, value in binding.items())
    return f"fields: {{v: {{element: {element}{extra}}}}}"


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("binding", "text", "moment"),
    [
        ({"format": '"%Y-%m-%d %H:%M"'}, "2026-03-01 08:30", utc(2026, 3, 1, 0, 30)),
        ({"format": '"%Y%m%d %H"'}, "20260301 8", utc(2026, 3, 1, 0)),
        ({"format": '"%Y-%m-%d"'}, "2026-03-01", utc(2026, 2, 28, 16)),
        ({"format": '"%Y年%m月%d日 %H时"'}, "2026年3月1日 8时", utc(2026, 3, 1)),
        ({"format": '"%Y/%m/%d %H:%M||%Y-%m-%d %H:%M"'}, "2026-03-01 08:00", utc(2026, 3, 1)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%z"'}, "2026-03-01T08:00:00Z", utc(2026, 3, 1, 8)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%z"'}, "2026-03-01T08:00:00+08:00", utc(2026, 3, 1)),
        (
            {"format": '"%Y-%m-%d %H:%M:%S"', "label": "end", "period": "1h"},
            "2026-02-28 24:00:00",
            utc(2026, 2, 28, 15),
        ),
        ({"format": '"%Y%m%d %H"'}, "20260228 24", utc(2026, 2, 28, 16)),
        ({"format": '"%Y年%m月%d日 %H时"'}, "2026年2月28日 24时", utc(2026, 2, 28, 16)),
        ({"format": '"%Y%m%d%H"'}, "2026022824", utc(2026, 2, 28, 16)),
        ({"format": '"%Y%m%d%H%M%S"'}, "20260228240000", utc(2026, 2, 28, 16)),
        ({"format": '"%F %T"'}, "2026-02-28 24:00:00", utc(2026, 2, 28, 16)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%z"'}, "2026-02-28T24:00:00+08:00", utc(2026, 2, 28, 16)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%:z"'}, "2026-03-01T08:00:00+08:00", utc(2026, 3, 1)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%.3f%:z"'}, "2026-03-01T08:00:00.000Z", utc(2026, 3, 1, 8)),
        ({"format": '"%Y-%m-%dT%H:%M:%S%#z"'}, "2026-03-01T08:00:00+08", utc(2026, 3, 1)),
        ({"format": '"%+"'}, "2026-03-01T08:00:00+08:00", utc(2026, 3, 1)),
        ({"format": '"%m/%d/%Y %I %p"'}, "3/1/2026 8 PM", utc(2026, 3, 1, 12)),
        ({"format": '"epoch_s||epoch_ms"'}, "1772294400000", utc(2026, 2, 28, 16)),
        ({"format": "epoch_s"}, "1772294400", utc(2026, 2, 28, 16)),
        ({"format": "epoch_ms"}, "1772294400000", utc(2026, 2, 28, 16)),
        ({"zone": "America/New_York"}, "2026-07-01 00:00:00", utc(2026, 7, 1, 4)),
        ({"label": "end", "period": "1h"}, "2026-03-01 08:00:00", utc(2026, 2, 28, 23)),
        ({"label": "start", "period": "1h"}, "2026-03-01 08:00:00", utc(2026, 3, 1)),
    ],
)
def test_times_become_utc_starts_of_periods(bench: Any, binding: dict[str, str], text: str, moment: datetime) -> None:
    assert bench.column(one("time.observed_at", **binding), [text], "observed_at") == [moment]


def test_a_local_time_that_the_zone_skips_is_refused_not_nulled(bench: Any) -> None:
    staged = bench.stage(one("time.observed_at", zone="America/New_York"), [{"v": "2026-03-08 02:30:00"}])
    assert bench.reasons(staged) == {1: [("TIME_UNREADABLE", "observed_at")]}


@pytest.mark.parametrize(
    ("binding", "text", "moment", "told"),
    [
        ({}, "2026-11-01 00:59:59", utc(2026, 11, 1, 5, 59, 59), None),
        ({}, "2026-11-01 01:30:00", utc(2026, 11, 1, 6, 30), "TIME_REPEATED"),
        ({}, "2026-11-01 02:00:00", utc(2026, 11, 1, 8), None),
        ({"label": "end", "period": "1h"}, "2026-11-01 01:00:00", utc(2026, 11, 1, 5), "TIME_REPEATED"),
        ({"format": '"%Y-%m-%d %H:%M:%S%z"'}, "2026-11-01 01:30:00-06:00", utc(2026, 11, 1, 7, 30), None),
    ],
)
def test_a_local_time_that_the_zone_repeats_is_the_earlier_and_says_so(
    bench: Any, binding: dict[str, str], text: str, moment: datetime, told: str | None
) -> None:
    staged = bench.stage(one("time.observed_at", zone="America/Chicago", **binding), [{"v": text}])
    assert bench.standard(staged).select("observed_at", "_warnings").rows() == [(moment, told)]


@pytest.mark.parametrize("text", ["1900-01-01 00:00:00", "9999-12-31 00:00:00"])
def test_a_time_in_1900_or_9999_is_refused(bench: Any, text: str) -> None:
    staged = bench.stage(one("time.observed_at"), [{"v": text}])
    assert bench.reasons(staged) == {1: [("VALUE_OUT_OF_RANGE", "observed_at")]}


@pytest.mark.parametrize(
    ("form", "text", "code"),
    [
        ("epoch_s", "0", "EPOCH_IMPLAUSIBLE"),
        ("epoch_s", "-1", "EPOCH_IMPLAUSIBLE"),
        ("epoch_s", "1772294400000", "EPOCH_IMPLAUSIBLE"),
        ("epoch_ms", "1772294400", "EPOCH_IMPLAUSIBLE"),
        ("epoch_us", "1772294400000", "EPOCH_IMPLAUSIBLE"),
        ("epoch_ms", "1e300", "EPOCH_IMPLAUSIBLE"),
        ("epoch_s", "today", "TIME_UNREADABLE"),
        ("%Y-%m-%d %H:%M", "+12026-03-01 00:00", "TIME_UNREADABLE"),
        ("%Y-%m-%d %H:%M", "0000-03-01 00:00", "TIME_UNREADABLE"),
        ("%Y-%m-%d %H:%M", "<value out of range: 2147483647>", "TIME_UNREADABLE"),
        ("%Y-%m-%dT%H:%M%z", "0001-01-01T00:00+08:00", "TIME_UNREADABLE"),
        ("%Y%m%d%H%M%S", "20260301240001", "TIME_UNREADABLE"),
        ("%Y%m%d%H", "2026030125", "TIME_UNREADABLE"),
    ],
)
def test_a_time_that_cannot_be_meant_refuses_its_row_only(bench: Any, form: str, text: str, code: str) -> None:
    contract = one("time.observed_at", format=f'"{form}||%d.%m.%Y"')
    rows = [{"v": text}, {"v": "01.03.2026"}]
    assert bench.reasons(bench.stage(contract, rows)) == {1: [(code, "observed_at")]}


def test_an_epoch_of_zero_is_no_time_if_the_contract_says_so(bench: Any) -> None:
    assert bench.column(one("time.observed_at", format="epoch_s", sentinels='["0"]'), ["0"], "observed_at") == [None]


def test_a_date_of_an_epoch_is_the_day_in_the_zone(bench: Any) -> None:
    assert bench.column(one("time.day", format="epoch_ms"), ["1772294400000"], "day") == [date(2026, 3, 1)]


def test_several_columns_make_one_time(bench: Any) -> None:
    contract = """
    fields:
      at:
        element: time.hour_start
        from: [year, month, day, hour]
        join: "{year}-{month}-{day} {hour}"
        format: "%Y-%m-%d %H"
    """
    rows = [{"year": "2013", "month": "3", "day": "1", "hour": "9"}]
    assert bench.standard(bench.stage(contract, rows))["hour_start"].to_list() == [utc(2013, 3, 1, 1)]


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [("m/s", "10", 36.0), ("km/h", "10", 10.0), ('"[mi_i]/h"', "10", 16.09344), ("米/秒", "1.5", 5.4)],
)
def test_units_are_converted(bench: Any, unit: str, text: str, value: float) -> None:
    assert bench.column(one("traffic.mean_speed", unit=unit), [text], "mean_speed_kmh") == pytest.approx([value])


def test_tenths_of_a_millimetre_convert_without_binary_dust(bench: Any) -> None:
    tenths = list(map(str, range(1, 200)))
    millimetres = bench.column(one("weather.precipitation", unit='"0.1 mm"'), tenths, "precipitation_mm")
    assert millimetres == [number / 10 for number in range(1, 200)]


def test_micrograms_become_milligrams_for_carbon_monoxide(bench: Any) -> None:
    assert bench.column(one("air.co", unit="ug/m3"), ["300"], "co_mgm3") == [0.3]


@pytest.mark.parametrize(
    ("clean", "text", "value"),
    [
        ("[fullwidth]", "１２．５", 12.5),
        ("[thousands]", "1,234.5", 1234.5),
        ("[percent]", "12.3%", 12.3),
        ("[excel]", '="12"', 12.0),
        ("[excel]", "'12\t", 12.0),
    ],
)
def test_what_spreadsheets_leave_is_cleaned_where_the_contract_says_so(
    bench: Any, clean: str, text: str, value: float
) -> None:
    assert bench.column(one("air.pm10", clean=clean), [text], "pm10_ugm3") == [value]


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1.2.3", "12a", "１２"])
def test_what_is_no_number_is_refused(bench: Any, text: str) -> None:
    staged = bench.stage(one("air.pm10"), [{"v": text}])
    assert bench.reasons(staged) == {1: [("VALUE_UNREADABLE", "pm10_ugm3")]}


def test_sentinels_mean_no_value_and_come_before_arithmetic(bench: Any) -> None:
    contract = one("weather.precipitation", unit='"0.1 mm"', sentinels='["-9999", "—", "暂无"]')
    assert bench.column(contract, ["-9999", " — ", "暂无", "", None, "10"], "precipitation_mm") == [None] * 5 + [1.0]


def test_qualifiers_are_kept_beside_the_number(bench: Any) -> None:
    contract = one("air.so2", qualifier="true")
    staged = bench.stage(contract, [{"v": text} for text in ("<0.01", "0.5", "3L", "> 900", "未检出")])
    rows = bench.standard(staged)
    assert rows["so2_ugm3"].to_list() == [0.01, 0.5, 3.0, 900.0, None]
    assert rows["so2_ugm3_qualifier"].to_list() == ["<", None, "<", ">", "ND"]


def test_whole_numbers_are_read_and_fractions_refused_for_integers(bench: Any) -> None:
    staged = bench.stage(one("traffic.flow"), [{"v": text} for text in ("12", "12.0", "12.5")])
    assert bench.standard(staged)["flow_veh"].to_list() == [12, 12]
    assert bench.reasons(staged) == {3: [("VALUE_UNREADABLE", "flow_veh")]}


def test_a_fraction_that_its_unit_makes_whole_is_read_whatever_its_binary_form(bench: Any) -> None:
    texts = [f"{ms / 1000:.3f}" for ms in range(20_000)]
    contract = one("assistant.response_time", unit="s", decimal='"."')
    assert bench.column(contract, texts, "response_time_ms") == list(range(20_000))
    halves = bench.stage(contract, [{"v": text} for text in ("1.0215", "2.000")])
    assert bench.standard(halves)["response_time_ms"].to_list() == [2000]


def test_service_day_times_may_pass_midnight(bench: Any) -> None:
    contract = one("transit.arrival_time", format="duration_hms")
    assert bench.column(contract, ["05:50:00", "25:10:05"], "arrival_s") == [21000, 90605]


def test_values_out_of_range_are_refused_with_the_range(bench: Any) -> None:
    staged = bench.stage(one("traffic.occupancy"), [{"v": "101"}])
    reason = bench.quarantine(staged)["reasons"].to_list()[0][0]
    assert (reason["code"], reason["value"], reason["detail"]) == ("VALUE_OUT_OF_RANGE", "101", "[0, 100] %")


def test_wrong_check_digits_are_refused(bench: Any) -> None:
    staged = bench.stage(one("organisation.uscc"), [{"v": "91110000YYYY00012F"}, {"v": "91110000YYYY00012G"}])
    assert bench.reasons(staged) == {2: [("CHECK_DIGIT_WRONG", "uscc")]}


def test_constants_fill_a_column(bench: Any) -> None:
    contract = """
    fields:
      v: {element: air.pm10}
      station: {element: air.station_code, constant: "1003A"}
    """
    assert bench.column(contract, ["1", "2"], "station_code") == ["1003A", "1003A"]


def test_names_become_codes_through_a_crosswalk_and_unknown_names_are_refused(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {"zh": "站", "en": "stations"}
    crosswalk = Crosswalk(id="test.stations", name=text, to="air.station_code", pairs={"Dongsi": "1003A"})
    monkeypatch.setitem(bench.registry.crosswalks, "test.stations", crosswalk)
    staged = bench.stage(one("air.station_code", lookup="test.stations"), [{"v": "Dongsi"}, {"v": "Nowhere"}])
    assert bench.standard(staged)["station_code"].to_list() == ["1003A"]
    reason = bench.quarantine(staged)["reasons"].to_list()[0]
    assert [(item["code"], item["value"]) for item in reason] == [("LOOKUP_UNKNOWN", "Nowhere")]


def test_words_become_codes_and_unknown_words_are_refused(bench: Any) -> None:
    staged = bench.stage(one("person.gender", codes="{先生: '1'}"), [{"v": text} for text in ("男", "F", "先生", "X")])
    assert bench.standard(staged)["gender"].to_list() == ["1", "2", "1"]
    assert bench.reasons(staged) == {4: [("CODE_UNKNOWN", "gender")]}


DIVISIONS = CodeList.model_validate(
    {
        "id": "test.division",
        "name": {"zh": "区划", "en": "divisions"},
        "values": [
            {"code": "110101", "name": {"zh": "东城区", "en": "Dongcheng"}, "valid_from": date(1981, 1, 1)},
            {
                "code": "110103",
                "name": {"zh": "崇文区", "en": "Chongwen"},
                "valid_from": date(1981, 1, 1),
                "valid_to": date(2010, 1, 1),
                "successors": ["110101"],
            },
        ],
    }
)


def test_a_code_is_valid_or_not_on_the_rows_own_day_and_names_its_successor(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    element = bench.registry.elements["place.region_code"].model_copy(update={"codes": "test.division"})
    monkeypatch.setitem(bench.registry.elements, "place.region_code", element)
    monkeypatch.setitem(bench.registry.codes, "test.division", DIVISIONS)
    contract = """
    fields:
      day: {element: time.day, format: "%Y-%m-%d"}
      code: {element: place.region_code}
    write: {mode: append, partition: day(day)}
    """
    days = ["2005-06-01", "2015-06-01", "2015-06-01", "2015-06-01"]
    codes = ["110103", "110103", "崇文区", "999999"]
    staged = bench.stage(contract, [{"day": day, "code": code} for day, code in zip(days, codes, strict=True)])
    assert bench.standard(staged)["region_code"].to_list() == ["110103"]
    refused = {row["_row"]: row["reasons"][0] for row in bench.quarantine(staged).iter_rows(named=True)}
    assert [refused[row]["code"] for row in (2, 3, 4)] == ["CODE_NOT_VALID", "CODE_NOT_VALID", "CODE_UNKNOWN"]
    assert refused[2]["detail"] == "1981-01-01 – 2010-01-01 → 110101"


def test_coordinates_come_out_in_one_frame_and_half_a_pair_is_refused(bench: Any) -> None:
    contract = """
    fields:
      x: {element: place.longitude, frame: GCJ-02, pair: y}
      y: {element: place.latitude}
    """
    staged = bench.stage(contract, [{"x": "116.403672", "y": "39.910634"}, {"x": "116.4", "y": None}])
    rows = bench.standard(staged)
    assert rows["longitude_deg"].to_list() == pytest.approx([116.397428], abs=2e-6)
    assert rows["latitude_deg"].to_list() == pytest.approx([39.909230], abs=2e-6)
    assert bench.reasons(staged) == {2: [("PAIR_INCOMPLETE", "longitude_deg")]}


def test_times_of_day_are_text_of_one_form(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    element = bench.registry.elements["air.station_code"].model_copy(update={"type": "time", "pattern": None})
    monkeypatch.setitem(bench.registry.elements, "air.station_code", element)
    assert bench.column(one("air.station_code", format='"%H:%M"'), ["8:05"], "station_code") == ["08:05:00"]


def test_several_codes_in_one_text_each_become_a_code(bench: Any) -> None:
    texts = ["颗粒物(PM10), 细颗粒物(PM2.5)", "O3", "PM10,pm10", None, "PM10,尘", "PM10,"]
    staged = bench.stage(one("air.primary_pollutants", separator='","'), [{"v": text} for text in texts])
    assert bench.standard(staged)["primary_pollutants"].to_list() == ["PM10,PM2.5", "O3", "PM10", None]
    assert bench.reasons(staged) == {row: [("CODE_UNKNOWN", "primary_pollutants")] for row in (5, 6)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("110101", ["110101"]),
        ("130102[2001];130108[2001]", ["130102", "130108"]),
        ("110101, 110102", ["110101", "110102"]),
        (["110101"], ["110101"]),
        (None, []),
    ],
)
def test_successors_in_a_register_are_read_with_or_without_their_years(
    text: str | list[str] | None, codes: list[str]
) -> None:
    assert list(parse_successors(text)) == codes
