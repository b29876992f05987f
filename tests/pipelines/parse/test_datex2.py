"""DATEX II of both versions: a row a value, beside its site; hardened, and in bounded memory."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
FLOW = '<basicData xsi:type="TrafficFlow"><vehicleFlow{}>{}</vehicleFlow></basicData>'
RATE = "<vehicleFlowRate>{}</vehicleFlowRate>"


def publication(kind: str, body: str) -> str:
    return (
        f'<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" {XSI}><payloadPublication xsi:type="{kind}">'
        f"<publicationTime>2026-03-01T00:01:00Z</publicationTime>{body}</payloadPublication></d2LogicalModel>"
    )


def measured(*values: str, site: str = "a", version: str = "1") -> str:
    inside = "".join(
        f'<measuredValue index="{index}"><measuredValue>{value}</measuredValue></measuredValue>'
        for index, value in enumerate(values, 1)
    )
    return publication(
        "MeasuredDataPublication",
        f'<siteMeasurements><measurementSiteReference id="{site}" version="{version}"/>'
        f"<measurementTimeDefault>2026-03-01T00:00:00Z</measurementTimeDefault>{inside}</siteMeasurements>",
    )


def sites(*keys: tuple[str, str]) -> str:
    body = "".join(
        f'<measurementSiteRecord id="{name}" version="{version}"><measurementSiteName><values>'
        f'<value lang="nl">naam {version}</value><value lang="en">name</value></values></measurementSiteName>'
        '<measurementSpecificCharacteristics index="1"><measurementSpecificCharacteristics><period>60</period>'
        "<specificLane>lane1</specificLane><specificMeasurementValueType>trafficFlow</specificMeasurementValueType>"
        "<specificVehicleCharacteristics><vehicleType>anyVehicle</vehicleType></specificVehicleCharacteristics>"
        "</measurementSpecificCharacteristics></measurementSpecificCharacteristics>"
        '<measurementSiteLocation xsi:type="Point"><locationForDisplay><latitude>52.1</latitude>'
        "<longitude>4.5</longitude></locationForDisplay></measurementSiteLocation></measurementSiteRecord>"
        for name, version in keys
    )
    return publication("MeasurementSiteTablePublication", f"<measurementSiteTable>{body}</measurementSiteTable>")


def rows(parser: Any, *documents: str | bytes) -> Any:
    bodies = [text.encode() if isinstance(text, str) else text for text in documents]
    return parser(*bodies, format="datex2")


def test_a_value_has_its_time_its_unit_and_its_flags(parser: Any) -> None:
    flags = ' numberOfIncompleteInputs="2" numberOfInputValuesUsed="58" standardDeviation="3.5" accuracy="95"'
    (row,) = rows(parser, measured(FLOW.format(flags, RATE.format(-1)))).frame.to_dicts()
    told = {name: row[name] for name in ("index", "basicData", "quantity", "measure", "value", "unit")}
    assert list(told.values()) == ["1", "TrafficFlow", "vehicleFlow", "vehicleFlowRate", "-1", "{veh}/h"]
    assert (row["publicationTime"], row["measurementTimeDefault"]) == ("2026-03-01T00:01:00Z", "2026-03-01T00:00:00Z")
    assert (row["numberOfIncompleteInputs"], row["numberOfInputValuesUsed"]) == ("2", "58")
    assert (row["standardDeviation"], row["accuracy"], row["dataError"]) == ("3.5", "95", None)


def test_a_value_that_failed_is_a_row_without_a_value(parser: Any) -> None:
    (row,) = rows(parser, measured(FLOW.format("", "<dataError>true</dataError>"))).frame.to_dicts()
    assert (row["quantity"], row["value"], row["dataError"]) == ("vehicleFlow", None, "true")


def test_speed_and_occupancy_and_travel_time_have_their_units(parser: Any) -> None:
    kinds = (
        '<basicData xsi:type="TrafficSpeed"><averageVehicleSpeed><speed>81.5</speed></averageVehicleSpeed></basicData>',
        '<basicData xsi:type="TrafficConcentration"><occupancy><percentage>7</percentage></occupancy></basicData>',
        '<basicData xsi:type="TravelTimeData"><travelTime><duration>40</duration></travelTime></basicData>',
    )
    frame = rows(parser, measured(*kinds)).frame
    assert frame.select("value", "unit").rows() == [("81.5", "km/h"), ("7", "%"), ("40", "s")]


def test_v3_is_read_by_its_own_names(parser: Any) -> None:
    common = 'xmlns:mc="m" xmlns:roa="r" xmlns:com="c" ' + XSI
    text = (
        f'<mc:messageContainer {common}><mc:payload xsi:type="roa:MeasurementSiteTablePublication">'
        '<roa:measurementSiteTable><roa:measurementSite id="a" version="1"><roa:measurementSiteLocation>'
        "<pointByCoordinates><pointCoordinates><latitude>1</latitude><longitude>2</longitude></pointCoordinates>"
        "</pointByCoordinates></roa:measurementSiteLocation></roa:measurementSite></roa:measurementSiteTable>"
        '</mc:payload><mc:payload xsi:type="roa:MeasuredDataPublication">'
        '<roa:siteMeasurements><roa:measurementSiteReference id="a" version="1"/><roa:physicalQuantity index="4">'
        '<roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity"><roa:basicData xsi:type="roa:TrafficSpeed">'
        '<roa:averageVehicleSpeed accuracy="90"><com:speed>50</com:speed></roa:averageVehicleSpeed></roa:basicData>'
        "</roa:physicalQuantity></roa:physicalQuantity><roa:measurementTimeDefault><roa:timeValue>T</roa:timeValue>"
        "</roa:measurementTimeDefault></roa:siteMeasurements></mc:payload></mc:messageContainer>"
    )
    (row,) = rows(parser, text).frame.to_dicts()
    assert (row["index"], row["basicData"], row["value"], row["unit"]) == ("4", "TrafficSpeed", "50", "km/h")
    assert (row["measurementTimeDefault"], row["site.latitude"], row["site.longitude"]) == ("T", "1", "2")


def test_the_site_table_is_joined_by_id_version_and_index(parser: Any) -> None:
    outcome = rows(parser, sites(("a", "1"), ("a", "2")), measured(FLOW.format("", RATE.format(5)), version="2"))
    (row,) = outcome.frame.to_dicts()
    assert (row["site.name"], row["site.name.en"], row["site.latitude"]) == ("naam 2", "name", "52.1")
    assert (row["site.lane"], row["site.period"], row["site.vehicleType"]) == ("lane1", "60", "anyVehicle")
    assert outcome.parsed.report["notices"] == []


@pytest.mark.parametrize(("key", "code"), [(("a", "7"), "DATEX2_VERSION_DIFFERS"), (("b", "1"), "DATEX2_SITE_UNKNOWN")])
def test_a_value_without_its_site_is_kept_and_told(parser: Any, key: tuple[str, str], code: str) -> None:
    outcome = rows(parser, sites(key), measured(FLOW.format("", RATE.format(5)), FLOW.format("", RATE.format(6))))
    assert outcome.frame.select("value", "site.name", "site.lane").rows() == [("5", None, None), ("6", None, None)]
    (notice,) = outcome.parsed.report["notices"]
    assert (notice["code"], notice["count"], notice["sites"], notice["site"]) == (code, 2, 1, "a")


def test_a_site_that_the_table_has_twice_doubles_no_value(parser: Any) -> None:
    outcome = rows(parser, sites(("a", "1"), ("a", "1")), measured(FLOW.format("", RATE.format(5))))
    assert outcome.parsed.rows == 1
    assert outcome.parsed.report["notices"][0]["code"] == "DATEX2_SITE_TWICE"


def test_a_packed_document_is_unpacked(parser: Any) -> None:
    packed = gzip.compress(measured(FLOW.format("", RATE.format(5))).encode())
    assert rows(parser, packed).frame["value"].to_list() == ["5"]


def test_no_measurements_are_no_rows_and_that_is_told(parser: Any) -> None:
    parsed = rows(parser, publication("MeasuredDataPublication", "")).parsed
    assert (parsed.problem, parsed.rows) == (None, 0)
    assert [notice["code"] for notice in parsed.report["notices"]] == ["HEADER_ONLY"]


def test_elements_that_no_column_is_for_are_counted(parser: Any) -> None:
    odd = '<basicData xsi:type="TrafficFlow"><vehicleFlow odd="1"><deep><x>1</x></deep></vehicleFlow></basicData>'
    report = rows(parser, measured(odd, FLOW.format("", RATE.format(5)))).parsed.report
    assert report["unread"] == {"vehicleFlow/@odd": 1, "vehicleFlow/deep": 1}
