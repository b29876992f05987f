"""The report site within the plugin's pages: files from the lake, for users who may see every dataset and mart."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from citylake.dags.plugin.page_access import DagReader
from citylake.dags.plugin.page_response import page_language
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.site import Site
from citylake.pipelines.site.page_request import VisibilityCheck
from citylake.schemas.words.errors import CitylakeError

_TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".js": "text/javascript; charset=utf-8"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""Charts set styles of their own; scripts are the site's files only."""


def add_report_files(app: FastAPI, site: Site) -> None:
    """Serve the site below ``/report/``, and its overview in the reader's language at ``/report/``."""

    @app.get("/report/")
    def report(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}{page_language(request)}/index.html")

    @app.get("/report/{path:path}")
    def report_file(path: str, sees: DagReader) -> Response:
        _must_see_all(site, sees)
        return _file_response(site.lake, PurePosixPath(path))


def _must_see_all(site: Site, sees: VisibilityCheck) -> None:
    registry = site.registry()
    names = [*(("dataset", each) for each in registry.contracts), *(("mart", each) for each in registry.marts)]
    if not all(sees(kind, name) for kind, name in names):
        raise HTTPException(403)


def _file_response(lake: Lake, path: PurePosixPath) -> Response:
    kind = _TYPES.get(path.suffix)
    if kind is None or ".." in path.parts or path.is_absolute():
        raise HTTPException(404)
    try:
        content = lake.fs.cat_file(f"{lake.reports}/{path}")
    except FileNotFoundError:
        if path.name == "index.html":
            raise CitylakeError("REPORT_NOT_BUILT", lake=lake.url) from None
        raise HTTPException(404) from None
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store"}
    return Response(content, media_type=kind, headers={**headers, "X-Content-Type-Options": "nosniff"})
