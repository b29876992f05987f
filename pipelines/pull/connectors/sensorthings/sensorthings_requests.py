"""Requests to a SensorThings service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from citylake.pipelines.pull.connectors.sensorthings.sensorthings_source import SensorthingsSource
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import NO_ORIGIN, HttpRequest, resolve_link, url_origin

DatastreamId = int | str


def datastreams_request(source: SensorthingsSource) -> HttpRequest:
    """The ids of the Datastreams that ``filter`` chooses."""
    url, params = f"{source.url.rstrip('/')}/Datastreams", {"$filter": source.filter or "", "$select": "id"}
    return HttpRequest(url, {**params, "$orderby": "id asc", "$top": source.page_size})


def observations_request(
    source: SensorthingsSource, datastream: DatastreamId, latest: str | None, now: str
) -> HttpRequest:
    """What a Datastream observed since a little before ``latest``, or since the contract's beginning; oldest first."""
    params: dict[str, str | int] = {"$orderby": "phenomenonTime asc", "$top": source.page_size, "$count": "true"}
    # ``gt`` leaves out the moment itself; ``ge`` is read in several ways where times are intervals.
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
    """The page at ``link``, to the letter; raises LINK_LEAVES where it is elsewhere and may not be rebased."""
    # A space would end the address wherever it is shown, and lay open what comes behind it.
    url = resolve_link(base, link.strip().replace(" ", "%20"))
    rebase = source.links == "rebase" and url_origin(url) != NO_ORIGIN
    return HttpRequest(asker.on_origin(rebase_link(url, source.url) if rebase else url, base, page))


def rebase_link(link: str, root: str) -> str:
    """``link`` below ``root``: what follows the version in its path, or its whole path where that has none."""
    own, given = urlsplit(root), urlsplit(link)
    base = own.path.rstrip("/")
    _, version, rest = given.path.partition(f"/{base.rsplit('/', 1)[-1]}/")
    path = f"{base}/{rest}" if version and base else given.path
    return urlunsplit((own.scheme, own.netloc, path, given.query, ""))


def interval_start(time: object) -> datetime | None:
    """Of an instant or an interval, where it begins; None where it is none: the field that is bound to it judges it."""
    try:
        found = datetime.fromisoformat(str(time).partition("/")[0])
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def format_utc_seconds(time: datetime) -> str:
    """ISO 8601 in UTC, whole seconds: never later than ``time``."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
