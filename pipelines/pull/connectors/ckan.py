"""``ckan``: a resource's table in the datastore, page after page, or its file as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.pull.connector import Fetch, NotModifiedError, Part, Pulling, Tally
from pipelines.pull.credentials import Credentials
from pipelines.pull.portals.action import Portal
from pipelines.pull.portals.datastore import Datastore
from pipelines.pull.portals.table import parts as pages
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, joined, name_of, origin
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.redirects import may_follow
from pipelines.pull.web.snapshot import snapshot
from schemas.faults import CitylakeError
from schemas.formats import PortalFormat
from schemas.source import CkanSource


def fetches(source: CkanSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the resource's id, or by its package and name."""
    name = source.resource or f"{source.package}/{source.name}"

    def parts(tally: Tally) -> Iterator[Part]:
        with asking(source) as asker:
            yield from _parts(Portal(asker, source), name, pulling, tally)

    first = Portal.search(source, source.resource, limit=0) if _by_id(source) else Portal.show(source)
    yield Fetch(f"{shown_url(source.url).rstrip('/')} {name}", name, parts, None, (str(first),))


def _by_id(source: CkanSource) -> bool:
    """Whether nothing needs to be asked about the resource before its rows are."""
    return source.mode == "datastore" and source.resource is not None


def _parts(portal: Portal, name: str, pulling: Pulling, tally: Tally) -> Iterator[Part]:
    source = portal.source
    resource = {"id": source.resource} if _by_id(source) else portal.resource()
    if source.mode == "datastore" or (source.mode == "auto" and _whole_table(resource)):
        yield from _rows(portal, str(resource["id"]), name, pulling, tally)
        return
    if isinstance(source.format, PortalFormat):
        kind = resource.get("format") or "—"
        raise CitylakeError("RESOURCE_NO_TABLE", source=portal.asker.shown, name=name, format=kind)
    url = joined(source.url, str(resource.get("url") or ""))
    asker = _at(portal.asker, url)
    for part in snapshot(asker, Ask(url), name, pulling, tally):
        yield replace(part, name=f"file-{name_of(url)}")


def _whole_table(resource: dict[str, Any]) -> bool:
    """Whether the resource has a table that is not only a part of its file."""
    part = resource.get("datastore_contains_all_records_of_source_file") is False
    return bool(resource.get("datastore_active")) and not (part and resource.get("url_type") != "datastore")


def _rows(portal: Portal, resource: str, name: str, pulling: Pulling, tally: Tally) -> Iterator[Part]:
    table = Datastore(portal, resource)
    if portal.source.incremental:
        table.go_on_after(pulling.state(name))
    before = table.count() if tally.cursor is None else None
    if table.since is not None and before == 0 and pulling.committed(name):
        raise NotModifiedError
    yield from pages(table, tally, before)
    tally.state = table.state if portal.source.incremental else None


def _at(asker: Asker, url: str) -> Asker:
    """Who asks for a file at ``url``: elsewhere than at the portal without credentials, and as ``redirects`` lets."""
    if origin(url) == origin(asker.source.url):
        return asker
    if not may_follow(asker.source, url):
        raise CitylakeError("HTTP_REDIRECTED", source=asker.shown, target=asker.redact(url))
    return replace(asker, access=Credentials(), source=asker.source.model_copy(update={"headers": {}}))
