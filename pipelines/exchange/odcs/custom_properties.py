"""What ODCS has no word for: custom properties with the vendor ``citylake``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

VENDOR: Final = "citylake"
CONTRACT: Final = "citylakeContract"
"""The whole contract, bindings included, as its author may write it."""
SHARING: Final = "citylakeSharing"
AUDIENCE: Final = "citylakeAudience"
DATASETS: Final = "citylakeDatasets"
ELEMENT: Final = "citylakeElement"
TYPE: Final = "citylakeType"
UNIT: Final = "citylakeUnit"
FORMAT: Final = "citylakeFormat"
CODES: Final = "citylakeCodes"
PROTECTION: Final = "citylakeProtection"
ZONE: Final = "citylakeTimezone"
ENGLISH: Final = "citylakeEnglish"


def custom(property_name: str, value: Any) -> dict[str, Any]:
    """One custom property."""
    return {"property": property_name, "value": value, "vendor": VENDOR}


def customs(values: Mapping[str, Any]) -> dict[str, Any]:
    """``customProperties`` with those that have a value; nothing if none has."""
    found = [custom(name, value) for name, value in values.items() if value not in (None, "", [], {})]
    return {"customProperties": found} if found else {}


def custom_value(properties: Iterable[Any] | None, name: str) -> Any:
    """The value of a custom property of the official model; None if there is none."""
    return next((each.value for each in properties or () if each.property == name), None)
