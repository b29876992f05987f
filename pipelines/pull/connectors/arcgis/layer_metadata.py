"""What a layer says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from citylake.pipelines.pull.http.json_document import as_object_list, get_member, parse_count
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class LayerMetadata:
    """Of a layer's metadata, what tells how to ask it."""

    shown: str
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The attribute with the object id; raises ARCGIS_NO_KEY."""
        named = self.document.get("objectIdField")
        fields = as_object_list(self.document.get("fields")) or ()
        typed = (field.get("name") for field in fields if field.get("type") == "esriFieldTypeOID")
        key = named or next(typed, None)
        if not key:
            raise CitylakeError("ARCGIS_NO_KEY", source=self.shown)
        return str(key)

    @property
    def most(self) -> int | None:
        """The most features that it sends at once, where it says so."""
        return parse_count(self.document.get("maxRecordCount")) or None

    @property
    def has_offsets(self) -> bool:
        """Whether it can begin at any place of its order."""
        advanced = get_member(self.document, "advancedQueryCapabilities.supportsPagination")
        return bool(advanced if advanced is not None else self.document.get("supportsPagination"))

    @property
    def zone(self) -> tzinfo:
        """In which dates within conditions are read; raises ARCGIS_ZONE. (Answers are in UTC whatever it is.)"""
        reference = self.document.get("dateFieldsTimeReference") or {}
        name = reference.get("timeZoneIANA") or reference.get("timeZone") or "UTC"
        try:
            return UTC if name == "UTC" else ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise CitylakeError("ARCGIS_ZONE", source=self.shown, zone=name) from None

    def since(self, field: str, epoch_ms: int) -> str:
        """The condition that ``field`` is not before ``epoch_ms``, milliseconds since 1970-01-01 UTC."""
        moment = datetime.fromtimestamp(epoch_ms // 1000, UTC).astimezone(self.zone)
        return f"{field} >= TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"
