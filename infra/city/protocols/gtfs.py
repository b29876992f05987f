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

from infra.city.generate import timetable
from infra.city.serve.conditional import document
from infra.city.serve.faults import wanted
from infra.city.serve.held import Held


def routes(held: Held) -> list[Route]:
    """The service's addresses."""
    return [Route("/transit/lanhai_gtfs.zip", _Timetable(held).feed)]


@dataclass(frozen=True)
class _Timetable:
    held: Held

    def feed(self, request: Request) -> Response:
        """The zip as it was generated, or spoilt as asked."""
        path = self.held.folder / timetable.FILE
        body = path.read_bytes()
        if wanted(request, "subfolder"):
            body = _in_folder(body)
        if wanted(request, "half"):
            body = body[: len(body) // 2]
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return document(request, body, changed, "application/zip")


def _in_folder(body: bytes) -> bytes:
    moved = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as old, ZipFile(moved, "w") as new:
        for name in old.namelist():
            new.writestr(ZipInfo(f"lanhai/{name}"), old.read(name), ZIP_DEFLATED)
    return moved.getvalue()
