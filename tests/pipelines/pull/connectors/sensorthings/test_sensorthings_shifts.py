"""A Datastream that lives while it is read: exactly its observations come, or the receipt says incomplete."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.thorough import examples

SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
NEVER = "never"
AFTER_THE_RUN, BEFORE_THE_RUN = "2999-01-01T00:00:00Z", "2026-02-02T00:00:00Z"


class Server:
    """Between two requests an observation is deleted, or one is added: after the run began, or late for its time."""

    def __init__(self, rows: int, size: int, events: list[str], seed: int) -> None:
        self.rows = [{"@iot.id": n, "phenomenonTime": f"2026-02-01T{n:02d}:00:00Z"} for n in range(rows)]
        self.at_first = [row["@iot.id"] for row in self.rows]
        self.size, self.events, self.chance = size, list(events), Random(seed)
        self.changes = 0

    def answer(self, asked: Any) -> dict[str, Any]:
        until = asked.params["$filter"].removeprefix("phenomenonTime le ")
        found = [row for row in self.rows if row["phenomenonTime"] <= until]
        skip = int(asked.params.get("$skip", 0))
        told: dict[str, Any] = {"@iot.count": len(found), "value": found[skip : skip + self.size]}
        if skip + self.size < len(found):
            told["@iot.nextLink"] = "?" + urlencode({**asked.params, "$skip": skip + self.size})
            self.happens()
        return told

    def happens(self) -> None:
        event = self.events.pop() if self.events else NEVER
        if event == "deleted" and self.rows:
            gone = self.rows.pop(self.chance.randrange(len(self.rows)))
            # What is later than the run was never listed.
            self.changes += gone["phenomenonTime"] != AFTER_THE_RUN
        elif event in ("new", "late"):
            time = AFTER_THE_RUN if event == "new" else BEFORE_THE_RUN
            self.rows.append({"@iot.id": 1000 + len(self.rows), "phenomenonTime": time})
            self.changes += event == "late"


@settings(max_examples=examples(30, 120), deadline=None, suppress_health_check=SLOW)
@given(
    rows=st.integers(0, 20),
    size=st.integers(1, 7),
    events=st.lists(st.sampled_from(["deleted", "new", "late", NEVER, NEVER]), max_size=6),
    seed=st.integers(0, 9),
)
@example(rows=4, size=1, events=["deleted", "new"], seed=5)
@example(rows=4, size=1, events=["deleted", "late"], seed=5)
def test_every_observation_comes_once_or_it_is_told(
    puller: Any, city: Any, reply: Any, rows: int, size: int, events: list[str], seed: int
) -> None:
    server = Server(rows, size, events, seed)
    city.asked.clear()
    city.answer = lambda asked: reply(server.answer(asked))
    receipt = puller.one("sensorthings", url=city.url, datastreams=[1], expand=None, per_second=10_000, resume_s=0)
    found = [each["@iot.id"] for path in receipt.landing for each in json.loads(Path(path).read_bytes())["value"]]
    if receipt.status == "received":
        assert found == server.at_first
        assert not server.changes
    else:
        assert (receipt.status, receipt.problem.code) == ("incomplete", "ROWS_SHIFTED")
        assert server.changes
