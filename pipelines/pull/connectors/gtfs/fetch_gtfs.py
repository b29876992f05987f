"""``gtfs``: a GTFS zip at a stable address, by conditional GET."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from citylake.pipelines.pull import zip_archive
from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext
from citylake.pipelines.pull.connectors.gtfs.gtfs_source import GtfsSource
from citylake.pipelines.pull.html_page import html_title
from citylake.pipelines.pull.http.conditional_get import (
    add_cache_validators,
    committed_document_state,
    read_cache_validators,
    retry_unless_valid,
)
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, url_basename
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError

_HEAD = 1 << 16


def gtfs_fetches(source: GtfsSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    name, ask, shown = url_basename(source.url), HttpRequest(source.url, source.params), redact_url(source.url)

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        with open_http_client(source) as asker:
            check = retry_unless_valid(asker, partial(_feed_members, shown=shown))
            answer = asker.file(add_cache_validators(ask, committed_document_state(pulling, name)), check)
            _require_table(source, _feed_members(answer.path, shown), shown)
            yield answer.part(name)
            tally.state = read_cache_validators(answer) or None

    yield Fetch(shown, name, parts, proof="snapshot", asks=(str(ask),))


def _feed_members(path: Path, shown: str) -> list[str]:
    """The files in the zip; raises ZIP_BROKEN or FILE_IS_HTML. A truncated zip has no directory."""
    with path.open("rb") as file:
        title = html_title(file.read(_HEAD))
        if title:
            raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)
        file.seek(0)
        with zip_archive.open_zip(file, shown) as zipped:
            return [zip_archive.zip_member_name(info) for info in zipped.infolist()]


def _require_table(source: GtfsSource, members: list[str], shown: str) -> None:
    """Raise GTFS_NO_TABLE, before landing, for a feed without the table or with its tables in a folder."""
    table = source.format.table
    if f"{table}.txt" in members or (source.format.optional and "agency.txt" in members):
        return
    raise CitylakeError("GTFS_NO_TABLE", file=shown, table=table, members=", ".join(sorted(members)))
