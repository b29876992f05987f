"""DATEX II documents of v2 (``d2LogicalModel``) and v3 (``messageContainer``), by the names in common use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from citylake.infra.city.protocols.datex2_readings import DetectorHour, DetectorReading

DOCTYPE = '<!DOCTYPE d [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@dataclass(frozen=True, slots=True)
class _Names:
    """The differences between the versions of the model."""

    root: str
    payload: str
    site: str
    value: str
    time: str

    def wrap(self, publication: str, published: datetime, body: str) -> str:
        kind = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{publication}" lang="zh"'
        when = f"<publicationTime>{_utc(published)}</publicationTime>"
        name = self.root.partition(" ")[0]
        return f"<{self.root}><{self.payload} {kind}>{when}{body}</{self.payload}></{name}>"


_V2 = _Names(
    'd2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" modelBaseVersion="2"',
    "payloadPublication",
    "measurementSiteRecord",
    "measuredValue",
    "{}",
)
_V3 = _Names(
    'messageContainer xmlns="http://datex2.eu/schema/3/messageContainer" modelBaseVersion="3"',
    "payload",
    "measurementSite",
    "physicalQuantity",
    "<timeValue>{}</timeValue>",
)


def measured_publication(model: str, now: DetectorHour, published: datetime) -> str:
    """MeasuredDataPublication of one hour."""
    names = _V3 if model == "v3" else _V2
    sites = (_measurements(names, device, now) for device in now.sites)
    return names.wrap("MeasuredDataPublication", published, "".join(sites))


def site_publication(model: str, hour: DetectorHour, version: str) -> str:
    """MeasurementSiteTablePublication of the sites of ``hour``."""
    names = _V3 if model == "v3" else _V2
    sites = "".join(_site(names, device, version, readings) for device, readings in hour.sites.items())
    body = f'<measurementSiteTable id="LH" version="{version}">{sites}</measurementSiteTable>'
    return names.wrap("MeasurementSiteTablePublication", hour.published, body)


def _measurements(names: _Names, device: str, now: DetectorHour) -> str:
    values = "".join(value for reading in now.sites[device] for value in _values(names, reading))
    time = names.time.format(_utc(now.published))
    return (
        f'<siteMeasurements><measurementSiteReference id="{device}" version="1"/>'
        f"<measurementTimeDefault>{time}</measurementTimeDefault>{values}</siteMeasurements>"
    )


def _values(names: _Names, reading: DetectorReading) -> Iterator[str]:
    kinds = (
        ("TrafficFlow", "vehicleFlow", "vehicleFlowRate", reading.flow),
        ("TrafficSpeed", "averageVehicleSpeed", "speed", reading.speed_kmh),
        ("TrafficConcentration", "occupancy", "percentage", reading.occupancy),
    )
    for index, (kind, quantity, measure, value) in enumerate(kinds, reading.first_index):
        inside = "<dataError>true</dataError>" if value is None else f"<{measure}>{value}</{measure}>"
        used = 0 if value is None else 60
        basic = f'<{quantity} numberOfInputValuesUsed="{used}">{inside}</{quantity}>'
        yield (
            f'<{names.value} index="{index}"><{names.value}><basicData xsi:type="{kind}">{basic}</basicData>'
            f"</{names.value}></{names.value}>"
        )


def _site(names: _Names, device: str, version: str, readings: list[DetectorReading]) -> str:
    place = f"<latitude>{readings[0].latitude}</latitude><longitude>{readings[0].longitude}</longitude>"
    kinds = "".join(
        f'<measurementSpecificCharacteristics index="{index}"><measurementSpecificCharacteristics>'
        f"<period>3600</period><specificLane>lane{reading.lane}</specificLane>"
        f"<specificMeasurementValueType>{kind}</specificMeasurementValueType><specificVehicleCharacteristics>"
        f"<vehicleType>{'lorry' if reading.heavy else 'car'}</vehicleType></specificVehicleCharacteristics>"
        "</measurementSpecificCharacteristics></measurementSpecificCharacteristics>"
        for reading in readings
        for index, kind in enumerate(("trafficFlow", "trafficSpeed", "trafficConcentration"), reading.first_index)
    )
    return (
        f'<{names.site} id="{device}" version="{version}"><measurementSiteName><values>'
        f'<value lang="zh">{device}检测点</value><value lang="en">detector {device}</value></values>'
        f'</measurementSiteName>{kinds}<measurementSiteLocation xsi:type="Point"><pointByCoordinates>'
        f"<pointCoordinates>{place}</pointCoordinates></pointByCoordinates></measurementSiteLocation></{names.site}>"
    )


def _utc(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
