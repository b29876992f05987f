"""The detectors as DATEX II: ``/traffic/datex2/{v2,v3}/{measured,sites}.xml``, and both packed as ``….xml.gz``.

``?hour=n`` chooses the hour that is measured (from 0; without it, the last). Faults: ``rotating`` serves the next hour
with each request, ``same_stamp`` gives every hour the first one's publication time, ``half`` ends the document in its
middle, ``doctype`` adds entity declarations, ``other_version`` gives the sites in the table a new version.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from citylake.infra.city.protocols.datex2_readings import DetectorHour, detector_hours
from citylake.infra.city.protocols.datex2_xml import DOCTYPE, measured_publication, site_publication
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.conditional_response import conditional_response
from citylake.infra.city.serve.fault_injection import is_fault_wanted


def datex2_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    service = _Detectors(held)
    return [
        Route("/traffic/datex2/{model}/measured.{form}", service.measured),
        Route("/traffic/datex2/{model}/sites.{form}", service.sites),
    ]


@dataclass
class _Detectors:
    held: CityData

    @cached_property
    def hours(self) -> list[DetectorHour]:
        return detector_hours(self.held)

    def measured(self, request: Request) -> Response:
        """One hour of every detector."""
        now = self.hours[self._hour(request) % len(self.hours)]
        published = self.hours[0].published if is_fault_wanted(request, "same_stamp") else now.published
        return self._document(request, measured_publication(request.path_params["model"], now, published), now)

    def sites(self, request: Request) -> Response:
        """The locations of the detectors, and what they measure."""
        version = "2" if is_fault_wanted(request, "other_version") else "1"
        first = self.hours[0]
        return self._document(request, site_publication(request.path_params["model"], first, version), first)

    def _document(self, request: Request, text: str, hour: DetectorHour) -> Response:
        body = (DOCTYPE + text if is_fault_wanted(request, "doctype") else text).encode()
        if is_fault_wanted(request, "half"):
            body = body[: len(body) // 2]
        packed = request.path_params["form"] == "xml.gz"
        media_type = "application/gzip" if packed else "application/xml"
        return conditional_response(
            request, gzip.compress(body, mtime=0) if packed else body, hour.published, media_type
        )

    def _hour(self, request: Request) -> int:
        if not is_fault_wanted(request, "rotating"):
            return int(request.query_params.get("hour", -1))
        with self.held.lock:
            turns: dict[str, Any] = self.held.memory.setdefault("datex2", {})
            place = request.scope["root_path"]
            turns[place] = turns.get(place, -1) + 1
            return int(turns[place])
