"""Requests to a SensorThings service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from pipelines.pull.web.ask import NOWHERE, Ask, joined, origin
from pipelines.pull.web.asker import Asker
from schemas.source import SensorthingsSource

Id = int | str


def datastreams(source: SensorthingsSource) -> Ask:
    """The ids of the Datastreams that ``filter`` chooses."""
    url, params = f"{source.url.rstrip('/')}/Datastreams", {"$filter": source.filter or "", "$select": "id"}
    return Ask(url, {**params, "$orderby": "id asc", "$top": source.page_size})


def observations(source: SensorthingsSource, datastream: Id, latest: str | None, now: str) -> Ask:
    """What a Datastream observed since a little before ``latest``, or since the contract's beginning; oldest first."""
    params: dict[str, str | int] = {"$orderby": "phenomenonTime asc", "$top": source.page_size, "$count": "true"}
    # ``gt`` leaves out the moment itself; ``ge`` is read in several ways where times are intervals.
    begin = source.since - timedelta(seconds=1) if source.since else None
    if latest is not None:
        begin = datetime.fromisoformat(latest) - timedelta(seconds=source.overlap_s)
    after = [f"phenomenonTime gt {shown(begin)}"] if begin is not None else []
    before = [f"phenomenonTime le {now}"] if source.until == "now" else []
    if after or before:
        params["$filter"] = " and ".join((*after, *before))
    if source.expand:
        params["$expand"] = source.expand
    key = datastream if isinstance(datastream, int) else "'" + datastream.replace("'", "''") + "'"
    return Ask(f"{source.url.rstrip('/')}/Datastreams({key})/Observations", params)


def following(asker: Asker, source: SensorthingsSource, link: str, base: str, page: int) -> Ask:
    """The page at ``link``, to the letter; raises LINK_LEAVES where it is elsewhere and may not be rebased."""
    # A space would end the address wherever it is shown, and lay open what comes behind it.
    url = joined(base, link.strip().replace(" ", "%20"))
    rebase = source.links == "rebase" and origin(url) != NOWHERE
    return Ask(asker.on_origin(rebased(url, source.url) if rebase else url, base, page))


def rebased(link: str, root: str) -> str:
    """``link`` below ``root``: what follows the version in its path, or its whole path where that has none."""
    own, given = urlsplit(root), urlsplit(link)
    base = own.path.rstrip("/")
    _, version, rest = given.path.partition(f"/{base.rsplit('/', 1)[-1]}/")
    path = f"{base}/{rest}" if version and base else given.path
    return urlunsplit((own.scheme, own.netloc, path, given.query, ""))


def moment(time: object) -> datetime | None:
    """Of an instant or an interval, where it begins; None where it is none: the field that is bound to it judges it."""
    try:
        found = datetime.fromisoformat(str(time).partition("/")[0])
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def shown(time: datetime) -> str:
    """ISO 8601 in UTC, whole seconds: never later than ``time``."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
