"""``gtfs_rt``: the present of a transit system as one protobuf message, each time it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipelines.pull import realtime
from pipelines.pull.connector import Fetch, Part, Pulling, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, name_of
from pipelines.pull.web.asker import asking
from pipelines.pull.web.snapshot import believable, known, marks, note_same_stamp, unless_same
from schemas.source import GtfsRtSource


def fetches(source: GtfsRtSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path. A message is believed once it parses and is stamped."""
    name, ask, shown = name_of(source.url), Ask(source.url, source.params), shown_url(source.url)

    def parts(tally: Tally) -> Iterator[Part]:
        before = known(pulling, name)
        with asking(source) as asker:
            answer = asker.file(unless_same(ask, before), believable(asker, partial(realtime.message, shown=shown)))
            message = realtime.message(answer.path, shown)
            realtime.require_whole(message, shown, differential=source.format.differential)
            yield answer.part(name)
            stamp = str(message.header.timestamp)
            note_same_stamp(tally, before, stamp, shown)
            tally.state = {**marks(answer), "stamp": stamp}

    yield Fetch(shown, name, parts, proof="snapshot", asks=(str(ask),))
