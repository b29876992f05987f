"""The metadata of a layer."""

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
    """The part of a layer's metadata that decides how to query it."""

    shown: str
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The name of the object id attribute; raises ARCGIS_NO_KEY."""
        named = self.document.get("objectIdField")
        fields = as_object_list(self.document.get("fields")) or ()
        typed = (field.get("name") for field in fields if field.get("type") == "esriFieldTypeOID")
        key = named or next(typed, None)
        if not key:
            raise CitylakeError("ARCGIS_NO_KEY", source=self.shown)
        return str(key)

    @property
    def most(self) -> int | None:
        """The largest number of features of a response, if declared."""
        return parse_count(self.document.get("maxRecordCount")) or None

    @property
    def has_offsets(self) -> bool:
        """Whether it supports paging by offset."""
        advanced = get_member(self.document, "advancedQueryCapabilities.supportsPagination")
        return bool(advanced if advanced is not None else self.document.get("supportsPagination"))

    @property
    def zone(self) -> tzinfo:
        """The zone of dates in conditions; raises ARCGIS_ZONE. Dates in responses are always in UTC."""
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
