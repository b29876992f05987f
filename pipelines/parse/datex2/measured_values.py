"""DATEX II measured data: one row per measured value, by the element names common in v2 and v3 publications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.parse.xml_stream import child_elements, element_text, local_name, strip_namespace, xsi_type

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ValueRow = dict[str, str | None]

SITE_COLUMN = "measurementSiteReference.id"
VERSION_COLUMN = "measurementSiteReference.version"
MEASURED_COLUMNS = (
    "publicationTime",
    SITE_COLUMN,
    VERSION_COLUMN,
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
"""``basicData`` is the kind (``TrafficSpeed``), ``quantity`` the quantity (``averageVehicleSpeed``), ``measure`` the
element with the value (``speed``), whose type determines the ``unit``."""
MEASURED_UNITS = {
    "speed": "km/h",
    "vehicleFlowRate": "{veh}/h",
    "pcuFlowRate": "{pcu}/h",
    "axleFlowRate": "{axle}/h",
    "percentage": "%",
    "concentrationOfVehicles": "{veh}/km",
    "duration": "s",
}
"""UCUM units of the model's types; the documents do not repeat them."""

_ATTRIBUTES = MEASURED_COLUMNS[14:]
_OF_BASIC = ("measurementOrCalculationTime", "measurementOrCalculationPeriod")
_FLAGS = ("dataError", "reasonForDataError")


def measured_value_rows(site: Element, published: str | None, unread: Counter[str]) -> Iterator[ValueRow]:
    """The rows of one ``siteMeasurements``; ``unread`` counts elements without a column."""
    reference = next(iter(child_elements(site, "measurementSiteReference")), None)
    first: ValueRow = dict.fromkeys(MEASURED_COLUMNS)
    first["publicationTime"] = published
    if reference is not None:
        first[SITE_COLUMN], first[VERSION_COLUMN] = (
            reference.get("id") or element_text(reference),
            reference.get("version"),
        )
    first["measurementTimeDefault"] = _time_text(site, "measurementTimeDefault")
    for name in ("measuredValue", "physicalQuantity"):
        for value in child_elements(site, name):
            for basic in (each for each in value.iter() if local_name(each) in ("basicData", "basicDataValue")):
                yield from _basic_data_rows(basic, {**first, "index": value.get("index")}, unread)


def _basic_data_rows(basic: Element, first: ValueRow, unread: Counter[str]) -> Iterator[ValueRow]:
    first["basicData"] = xsi_type(basic) or None
    parts = [(strip_namespace(part.tag), part) for part in basic]
    first |= {name: element_text(part) or element_text(part, "timeValue") for name, part in parts if name in _OF_BASIC}
    for name, quantity in parts:
        if name not in _OF_BASIC:
            yield from _quantity_rows(quantity, {**first, "quantity": name}, unread)


def _quantity_rows(quantity: Element, row: ValueRow, unread: Counter[str]) -> Iterator[ValueRow]:
    """One row per value; most quantities have one. A quantity with flags only has a row without a value."""
    for name, flag in quantity.attrib.items():
        if name in _ATTRIBUTES:
            row[name] = flag
        else:
            unread[f"{row['quantity']}/@{name}"] += 1
    if not len(quantity):
        yield {**row, "measure": row["quantity"], "value": element_text(quantity)}
        return
    values = [(strip_namespace(part.tag), part) for part in quantity if strip_namespace(part.tag) not in _FLAGS]
    if len(values) < len(quantity):
        row |= {"dataError": element_text(quantity, "dataError"), "reasonForDataError": _error_reason(quantity)}
    for name, value in values:
        if len(value):
            unread[f"{row['quantity']}/{name}"] += 1
            continue
        yield {**row, "measure": name, "value": element_text(value), "unit": MEASURED_UNITS.get(name)}
    if not values:
        yield row


def _time_text(element: Element, name: str) -> str | None:
    """The text of the child ``name``, or of the ``timeValue`` inside it in v3."""
    return element_text(element, name) or element_text(element, name, "timeValue")


def _error_reason(quantity: Element) -> str | None:
    return element_text(quantity, "reasonForDataError", "values", "value") or element_text(
        quantity, "reasonForDataError"
    )
