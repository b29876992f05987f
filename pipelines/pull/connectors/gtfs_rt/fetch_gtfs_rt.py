"""``gtfs_rt``: the present state of a transit system as one protobuf message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext
from citylake.pipelines.pull.connectors.gtfs_rt import gtfs_rt_message
from citylake.pipelines.pull.connectors.gtfs_rt.gtfs_rt_source import GtfsRtSource
from citylake.pipelines.pull.http.conditional_get import (
    add_cache_validators,
    committed_document_state,
    note_repeated_stamp,
    read_cache_validators,
    retry_unless_valid,
)
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, url_basename
from citylake.pipelines.pull.redact import redact_url


def gtfs_rt_fetches(source: GtfsRtSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path. The message must parse and have a time stamp."""
    name, ask, shown = url_basename(source.url), HttpRequest(source.url, source.params), redact_url(source.url)

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        before = committed_document_state(pulling, name)
        with open_http_client(source) as asker:
            answer = asker.file(
                add_cache_validators(ask, before),
                retry_unless_valid(asker, partial(gtfs_rt_message.read_feed_message, shown=shown)),
            )
            message = gtfs_rt_message.read_feed_message(answer.path, shown)
            gtfs_rt_message.require_full_dataset(message, shown, differential=source.format.differential)
            yield answer.part(name)
            stamp = str(message.header.timestamp)
            note_repeated_stamp(tally, before, stamp, shown)
            tally.state = {**read_cache_validators(answer), "stamp": stamp}

    yield Fetch(shown, name, parts, proof="snapshot", asks=(str(ask),))
