"""DATEX II measurement sites: where each is, and what each of its values is of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.parse.datex2.values import SITE, VERSION, Row
from pipelines.parse.xmlstream import children, descendant, local, text_of

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
"""What the table says of one value of the site, by its ``index``."""
_PLACES = ("locationForDisplay", "coordinatesForDisplay", "pointCoordinates", "openlrCoordinate")


def key(site: Element) -> Row:
    """The columns by which measured data refer to ``site``."""
    return {SITE: site.get("id"), VERSION: site.get("version")}


def site_row(site: Element) -> Row:
    """The site itself. Of names in several languages the first is ``site.name``, the others follow their language."""
    place = descendant(site, *_PLACES)
    names = _words(site, "measurementSiteName")
    row: Row = {
        **key(site),
        "site.name": names[0][1] if names else None,
        "site.latitude": text_of(place, "latitude"),
        "site.longitude": text_of(place, "longitude"),
        "site.side": text_of(site, "measurementSide"),
        "site.numberOfLanes": text_of(site, "measurementSiteNumberOfLanes"),
        "site.equipment": next((text for _, text in _words(site, "measurementEquipmentTypeUsed")), None),
        "site.computationMethod": text_of(site, "computationMethod"),
    }
    return row | {f"site.name.{language}": text for language, text in names[1:]}


def value_rows(site: Element) -> Iterator[Row]:
    """What is measured at the site, by index."""
    for outer in children(site, "measurementSpecificCharacteristics"):
        inner = next(iter(children(outer, "measurementSpecificCharacteristics")), outer)
        yield {
            **key(site),
            "index": outer.get("index"),
            "site.valueType": text_of(inner, "specificMeasurementValueType"),
            "site.period": text_of(inner, "period"),
            "site.accuracy": text_of(inner, "accuracy"),
            "site.lane": text_of(inner, "specificLane") or _all(inner, "laneUsage", "laneNumber"),
            "site.vehicleType": _all(inner, "vehicleType"),
            "site.vehicleLength": _all(inner, "comparisonOperator", "vehicleLength"),
        }


def _words(element: Element, name: str) -> list[tuple[str, str]]:
    """Language and text of each value of a multilingual string."""
    found = [value for each in children(element, name) for value in each.iter() if local(value) == "value"]
    return [(value.get("lang", ""), text) for value in found if (text := text_of(value))]


def _all(element: Element, *names: str) -> str | None:
    """The texts of every element with one of the names, in order, parted by blanks."""
    return " ".join(text for each in element.iter() if local(each) in names and (text := text_of(each))) or None
