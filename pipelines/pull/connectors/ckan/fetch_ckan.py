"""``ckan``: a resource's table in the datastore, page by page, or its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, NotModifiedError, PullContext
from citylake.pipelines.pull.connectors.ckan.action_api import CkanPortal
from citylake.pipelines.pull.connectors.ckan.ckan_datastore import CkanDatastore
from citylake.pipelines.pull.connectors.ckan.ckan_source import CkanSource
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.conditional_get import fetch_document
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, resolve_link, url_basename, url_origin
from citylake.pipelines.pull.portal_table import fetch_table_pages as pages
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.model.formats import PortalFormat
from citylake.schemas.words.errors import CitylakeError


def ckan_fetches(source: CkanSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the resource's id, or by its package and name."""
    name = source.resource or f"{source.package}/{source.name}"

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        with open_http_client(source) as asker:
            yield from _fetch_resource(CkanPortal(asker, source), name, pulling, tally)

    first = CkanPortal.search(source, source.resource, limit=0) if _has_resource_id(source) else CkanPortal.show(source)
    yield Fetch(f"{redact_url(source.url).rstrip('/')} {name}", name, parts, None, (str(first),))


def _has_resource_id(source: CkanSource) -> bool:
    """Whether the rows can be requested without the resource's metadata."""
    return source.mode == "datastore" and source.resource is not None


def _fetch_resource(portal: CkanPortal, name: str, pulling: PullContext, tally: FetchProgress) -> Iterator[LandedPart]:
    source = portal.source
    resource = {"id": source.resource} if _has_resource_id(source) else portal.resource()
    if source.mode == "datastore" or (source.mode == "auto" and _has_whole_table(resource)):
        yield from _fetch_datastore(portal, str(resource["id"]), name, pulling, tally)
        return
    if isinstance(source.format, PortalFormat):
        kind = resource.get("format") or "—"
        raise CitylakeError("RESOURCE_NO_TABLE", source=portal.asker.shown, name=name, format=kind)
    url = resolve_link(source.url, str(resource.get("url") or ""))
    asker = _file_client(portal.asker, url)
    for part in fetch_document(asker, HttpRequest(url), name, pulling, tally):
        yield replace(part, name=f"file-{url_basename(url)}")


def _has_whole_table(resource: dict[str, Any]) -> bool:
    """Whether the resource has a table with all rows of its file."""
    part = resource.get("datastore_contains_all_records_of_source_file") is False
    return bool(resource.get("datastore_active")) and not (part and resource.get("url_type") != "datastore")


def _fetch_datastore(
    portal: CkanPortal, resource: str, name: str, pulling: PullContext, tally: FetchProgress
) -> Iterator[LandedPart]:
    table = CkanDatastore(portal, resource)
    if portal.source.incremental:
        table.go_on_after(pulling.state(name))
    before = table.count() if tally.cursor is None else None
    if table.since is not None and before == 0 and pulling.committed(name):
        raise NotModifiedError
    yield from pages(table, tally, before)
    tally.state = table.state if portal.source.incremental else None


def _file_client(asker: HttpClient, url: str) -> HttpClient:
    """The client for a file at ``url``; on another origin it has no credentials, and ``redirects`` must allow it."""
    if url_origin(url) == url_origin(asker.source.url):
        return asker
    if not asker.may_follow(url):
        raise CitylakeError("HTTP_REDIRECTED", source=asker.shown, target=asker.redact(url))
    return replace(asker, access=Credentials(), source=asker.source.model_copy(update={"headers": {}}))
