"""DATEX II measured data: a row a measured value, by the element names that v2 and v3 publications commonly use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.parse.xmlstream import bare, children, local, text_of, type_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Row = dict[str, str | None]

SITE = "measurementSiteReference.id"
VERSION = "measurementSiteReference.version"
COLUMNS = (
    "publicationTime",
    SITE,
    VERSION,
    "measurementTimeDefault",
    "index",
    "basicData",
    "measurementOrCalculationTime",
    "measurementOrCalculationPeriod",
    "quantity",
    "measure",
    "value",
    "unit",
    "dataError",
    "reasonForDataError",
    "accuracy",
    "numberOfIncompleteInputs",
    "numberOfInputValuesUsed",
    "standardDeviation",
    "supplierCalculatedDataQuality",
    "computationalMethod",
)
"""``basicData`` is the kind (``TrafficSpeed``), ``quantity`` what of it (``averageVehicleSpeed``), ``measure`` the
element that holds the value (``speed``), whose type tells the ``unit``."""
UNITS = {
    "speed": "km/h",
    "vehicleFlowRate": "{veh}/h",
    "pcuFlowRate": "{pcu}/h",
    "axleFlowRate": "{axle}/h",
    "percentage": "%",
    "concentrationOfVehicles": "{veh}/km",
    "duration": "s",
}
"""UCUM units of the model's types; the documents do not repeat them."""

_ATTRIBUTES = COLUMNS[14:]
_OF_BASIC = ("measurementOrCalculationTime", "measurementOrCalculationPeriod")
_FLAGS = ("dataError", "reasonForDataError")


def site_values(site: Element, published: str | None, unread: Counter[str]) -> Iterator[Row]:
    """The rows of one ``siteMeasurements``; ``unread`` counts the elements that no column is for."""
    reference = next(iter(children(site, "measurementSiteReference")), None)
    first: Row = dict.fromkeys(COLUMNS)
    first["publicationTime"] = published
    if reference is not None:
        first[SITE], first[VERSION] = reference.get("id") or text_of(reference), reference.get("version")
    first["measurementTimeDefault"] = _time(site, "measurementTimeDefault")
    for name in ("measuredValue", "physicalQuantity"):
        for value in children(site, name):
            for basic in (each for each in value.iter() if local(each) in ("basicData", "basicDataValue")):
                yield from _values(basic, {**first, "index": value.get("index")}, unread)


def _values(basic: Element, first: Row, unread: Counter[str]) -> Iterator[Row]:
    first["basicData"] = type_of(basic) or None
    parts = [(bare(part.tag), part) for part in basic]
    first |= {name: text_of(part) or text_of(part, "timeValue") for name, part in parts if name in _OF_BASIC}
    for name, quantity in parts:
        if name not in _OF_BASIC:
            yield from _quantity(quantity, {**first, "quantity": name}, unread)


def _quantity(quantity: Element, row: Row, unread: Counter[str]) -> Iterator[Row]:
    """One row a value: most quantities have one. A quantity with flags alone has a row without a value."""
    for name, flag in quantity.attrib.items():
        if name in _ATTRIBUTES:
            row[name] = flag
        else:
            unread[f"{row['quantity']}/@{name}"] += 1
    if not len(quantity):
        yield {**row, "measure": row["quantity"], "value": text_of(quantity)}
        return
    values = [(bare(part.tag), part) for part in quantity if bare(part.tag) not in _FLAGS]
    if len(values) < len(quantity):
        row |= {"dataError": text_of(quantity, "dataError"), "reasonForDataError": _reason(quantity)}
    for name, value in values:
        if len(value):
            unread[f"{row['quantity']}/{name}"] += 1
            continue
        yield {**row, "measure": name, "value": text_of(value), "unit": UNITS.get(name)}
    if not values:
        yield row


def _time(element: Element, name: str) -> str | None:
    """The text of the child ``name``, or of the ``timeValue`` that v3 puts into it."""
    return text_of(element, name) or text_of(element, name, "timeValue")


def _reason(quantity: Element) -> str | None:
    return text_of(quantity, "reasonForDataError", "values", "value") or text_of(quantity, "reasonForDataError")
