"""The bus company's timetable: ``/transit/lanhai_gtfs.zip`` with an ETag.

Faults: ``subfolder`` puts the tables into a folder of the zip, ``half`` ends it in its middle, under the right length.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from citylake.infra.city.generate import timetable
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.conditional_response import conditional_response
from citylake.infra.city.serve.fault_injection import is_fault_wanted


def gtfs_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    return [Route("/transit/lanhai_gtfs.zip", _Timetable(held).feed)]


@dataclass(frozen=True)
class _Timetable:
    held: CityData

    def feed(self, request: Request) -> Response:
        """The zip as generated, or with the requested fault."""
        path = self.held.folder / timetable.TIMETABLE_FILE
        body = path.read_bytes()
        if is_fault_wanted(request, "subfolder"):
            body = _in_folder(body)
        if is_fault_wanted(request, "half"):
            body = body[: len(body) // 2]
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return conditional_response(request, body, changed, "application/zip")


def _in_folder(body: bytes) -> bytes:
    moved = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as old, ZipFile(moved, "w") as new:
        for name in old.namelist():
            new.writestr(ZipInfo(f"lanhai/{name}"), old.read(name), ZIP_DEFLATED)
    return moved.getvalue()
