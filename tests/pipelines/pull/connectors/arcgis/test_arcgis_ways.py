"""A layer of any ids, limit and manners: every feature comes once, or the receipt says incomplete."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.infra.city.protocols.arcgis_where import parse_where
from tests.thorough import examples

IDS = st.sets(st.integers(-40, 40) | st.integers(3000, 3010), max_size=30)
SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
MANNERS = {
    "offsets": st.booleans(),
    "counts": st.booleans(),
    "tells_ids": st.booleans(),
    "flags": st.sampled_from(["always", "if more", "never"]),
    "most": st.none() | st.integers(1, 8),
    "floats": st.booleans(),
}


class Server:
    """Sends at most ``limit`` features at once, in an order of its own where it cannot be asked for one."""

    def __init__(self, ids: set[int], limit: int, manners: dict[str, Any]) -> None:
        kind = float if manners["floats"] else int
        self.rows = [{"attributes": {"ID": kind(number)}} for number in sorted(ids)]
        self.shuffled = Random(limit).sample(self.rows, len(self.rows))
        self.limit, self.manners = limit, manners

    def metadata(self) -> dict[str, Any]:
        told: dict[str, Any] = {"objectIdField": "ID", "supportsPagination": self.manners["offsets"]}
        return told if self.manners["most"] is None else {**told, "maxRecordCount": self.manners["most"]}

    def answer(self, params: dict[str, str]) -> dict[str, Any]:
        holds = parse_where(params["where"])
        rows = self.rows if "orderByFields" in params else self.shuffled
        found = [row for row in rows if holds(row["attributes"])]
        if "returnCountOnly" in params and self.manners["counts"]:
            return {"count": len(found)}
        if "returnIdsOnly" in params and self.manners["tells_ids"]:
            return {"objectIds": [row["attributes"]["ID"] for row in found]}
        return self.page(found[int(params.get("resultOffset", 0)) :])

    def page(self, left: list[Any]) -> dict[str, Any]:
        more, told = len(left) > self.limit, {"features": left[: self.limit]}
        flag = self.manners["flags"] == "always" or (self.manners["flags"] == "if more" and more)
        return {**told, "exceededTransferLimit": more} if flag else told


@pytest.fixture
def pull(puller: Any, city: Any, reply: Any) -> Any:
    """``pull(server)``: a receipt, and the ids that were landed."""

    def one(server: Server) -> tuple[Any, list[int]]:
        city.asked.clear()
        city.answer = lambda asked: reply(
            server.answer(asked.params) if asked.path.endswith("/query") else server.metadata()
        )
        receipt = puller.one("arcgis", url=f"{city.url}/{uuid4().hex}/FeatureServer", per_second=10_000, attempts=1)
        pages = [json.loads(Path(path).read_bytes())["features"] for path in receipt.landing]
        return receipt, [row["attributes"]["ID"] for page in pages for row in page]

    return one


@settings(max_examples=examples(30, 120), deadline=None, suppress_health_check=SLOW)
@given(ids=IDS, limit=st.integers(1, 8), manners=st.fixed_dictionaries(MANNERS))
def test_every_feature_comes_once_or_it_is_told(pull: Any, ids: set[int], limit: int, manners: dict[str, Any]) -> None:
    receipt, found = pull(Server(ids, limit, manners))
    if receipt.status == "received":
        assert sorted(found) == sorted(ids)
    else:
        assert receipt.status == "incomplete"
        assert receipt.problem.code == "COUNT_DIFFERS"
    # Only a server that cuts pages without a word, and says another limit than it has, cannot be read whole.
    silent = manners["flags"] == "never" and (manners["offsets"] or manners["most"] is not None)
    assert receipt.status == "received" or silent
