"""Requests to a SensorThings service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from citylake.pipelines.pull.connectors.sensorthings.sensorthings_source import SensorthingsSource
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import NO_ORIGIN, HttpRequest, resolve_link, url_origin

DatastreamId = int | str


def datastreams_request(source: SensorthingsSource) -> HttpRequest:
    """The request for the ids of the Datastreams that match ``filter``."""
    url, params = f"{source.url.rstrip('/')}/Datastreams", {"$filter": source.filter or "", "$select": "id"}
    return HttpRequest(url, {**params, "$orderby": "id asc", "$top": source.page_size})


def observations_request(
    source: SensorthingsSource, datastream: DatastreamId, latest: str | None, now: str
) -> HttpRequest:
    """The request for observations since ``latest`` less the overlap, or since ``since``; the oldest first."""
    params: dict[str, str | int] = {"$orderby": "phenomenonTime asc", "$top": source.page_size, "$count": "true"}
    # ``gt`` excludes the moment itself; services interpret ``ge`` differently for intervals.
    begin = source.since - timedelta(seconds=1) if source.since else None
    if latest is not None:
        begin = datetime.fromisoformat(latest) - timedelta(seconds=source.overlap_s)
    after = [f"phenomenonTime gt {format_utc_seconds(begin)}"] if begin is not None else []
    before = [f"phenomenonTime le {now}"] if source.until == "now" else []
    if after or before:
        params["$filter"] = " and ".join((*after, *before))
    if source.expand:
        params["$expand"] = source.expand
    key = datastream if isinstance(datastream, int) else "'" + datastream.replace("'", "''") + "'"
    return HttpRequest(f"{source.url.rstrip('/')}/Datastreams({key})/Observations", params)


def next_link_request(asker: HttpClient, source: SensorthingsSource, link: str, base: str, page: int) -> HttpRequest:
    """The request for ``link``, unchanged; raises LINK_LEAVES if its origin differs and ``links`` is not ``rebase``."""
    # A space would end the URL in messages, and what follows would not be redacted.
    url = resolve_link(base, link.strip().replace(" ", "%20"))
    rebase = source.links == "rebase" and url_origin(url) != NO_ORIGIN
    return HttpRequest(asker.on_origin(rebase_link(url, source.url) if rebase else url, base, page))


def rebase_link(link: str, root: str) -> str:
    """``link`` below ``root``: the part of its path after the version, or the whole path if it has none."""
    own, given = urlsplit(root), urlsplit(link)
    base = own.path.rstrip("/")
    _, version, rest = given.path.partition(f"/{base.rsplit('/', 1)[-1]}/")
    path = f"{base}/{rest}" if version and base else given.path
    return urlunsplit((own.scheme, own.netloc, path, given.query, ""))


def interval_start(time: object) -> datetime | None:
    """The start of an instant or an interval; None if it is neither, which conform reports."""
    try:
        found = datetime.fromisoformat(str(time).partition("/")[0])
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def format_utc_seconds(time: datetime) -> str:
    """ISO 8601 in UTC, whole seconds: never later than ``time``."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
