"""DATEX II measurement sites: the location of each, and the characteristics of its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.parse.datex2.measured_values import SITE_COLUMN, VERSION_COLUMN, ValueRow
from citylake.pipelines.parse.xml_stream import child_elements, element_text, find_descendant, local_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VALUE_COLUMNS = (
    "site.valueType",
    "site.period",
    "site.accuracy",
    "site.lane",
    "site.vehicleType",
    "site.vehicleLength",
)
"""The characteristics of one value of the site, by its ``index``."""
_PLACES = ("locationForDisplay", "coordinatesForDisplay", "pointCoordinates", "openlrCoordinate")


def site_key(site: Element) -> ValueRow:
    """The columns by which measured data refer to ``site``."""
    return {SITE_COLUMN: site.get("id"), VERSION_COLUMN: site.get("version")}


def site_row(site: Element) -> ValueRow:
    """The site itself. Of names in several languages the first is ``site.name``, the others follow their language."""
    place = find_descendant(site, *_PLACES)
    names = _language_texts(site, "measurementSiteName")
    row: ValueRow = {
        **site_key(site),
        "site.name": names[0][1] if names else None,
        "site.latitude": element_text(place, "latitude"),
        "site.longitude": element_text(place, "longitude"),
        "site.side": element_text(site, "measurementSide"),
        "site.numberOfLanes": element_text(site, "measurementSiteNumberOfLanes"),
        "site.equipment": next((text for _, text in _language_texts(site, "measurementEquipmentTypeUsed")), None),
        "site.computationMethod": element_text(site, "computationMethod"),
    }
    return row | {f"site.name.{language}": text for language, text in names[1:]}


def site_value_rows(site: Element) -> Iterator[ValueRow]:
    """The measured characteristics of the site, by index."""
    for outer in child_elements(site, "measurementSpecificCharacteristics"):
        inner = next(iter(child_elements(outer, "measurementSpecificCharacteristics")), outer)
        yield {
            **site_key(site),
            "index": outer.get("index"),
            "site.valueType": element_text(inner, "specificMeasurementValueType"),
            "site.period": element_text(inner, "period"),
            "site.accuracy": element_text(inner, "accuracy"),
            "site.lane": element_text(inner, "specificLane") or _descendant_texts(inner, "laneUsage", "laneNumber"),
            "site.vehicleType": _descendant_texts(inner, "vehicleType"),
            "site.vehicleLength": _descendant_texts(inner, "comparisonOperator", "vehicleLength"),
        }


def _language_texts(element: Element, name: str) -> list[tuple[str, str]]:
    """Language and text of each value of a multilingual string."""
    found = [value for each in child_elements(element, name) for value in each.iter() if local_name(value) == "value"]
    return [(value.get("lang", ""), text) for value in found if (text := element_text(value))]


def _descendant_texts(element: Element, *names: str) -> str | None:
    """The texts of every element with one of the names, in order, separated by spaces."""
    return (
        " ".join(text for each in element.iter() if local_name(each) in names and (text := element_text(each))) or None
    )
