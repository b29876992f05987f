"""``datex2``: two documents, one receipt; what changed is sent, and what belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.pull.pull_dataset import plan_fetches

DOCUMENT = b"<d2LogicalModel><publicationTime>%s</publicationTime></d2LogicalModel>"


def serve(city: Any, reply: Any, **versions: str) -> None:
    """Documents with the ETags ``versions``; those who have them are told so."""

    def answer(asked: Any) -> Any:
        tag = f'"{versions[asked.path.strip("/")]}"'
        same = asked.headers.get("if-none-match") == tag
        return reply(b"" if same else DOCUMENT % tag.encode(), 304 if same else 200, {"ETag": tag})

    city.answer = answer


def parts(receipt: Any) -> list[str]:
    return [Path(path).name for path in receipt.landing]


def test_a_new_site_table_brings_the_measured_data_again(puller: Any, city: Any, reply: Any) -> None:
    url = f"{city.url}/measured"
    serve(city, reply, measured="m1", sites="s1")
    puller.commit([puller.one("datex2", url=url, site_table="sites")])
    assert puller.one("datex2", url=url, site_table="sites").status == "unchanged"
    serve(city, reply, measured="m2", sites="s1")
    second = puller.one("datex2", url=url, site_table="sites")
    assert (second.status, parts(second)) == ("received", ["measured-measured", "site_table-sites"])
    puller.commit([second])
    serve(city, reply, measured="m2", sites="s2")
    third = puller.one("datex2", url=url, site_table="sites")
    assert (third.status, parts(third)) == ("received", ["site_table-sites", "measured-measured"])
    assert third.state == {"measured": {"etag": '"m2"'}, "site_table": {"etag": '"s2"'}, "stamp": '"m2"'}


def test_measured_data_without_a_site_table_are_one_part(puller: Any, city: Any, reply: Any) -> None:
    serve(city, reply, measured="m1")
    assert parts(puller.one("datex2", url=f"{city.url}/measured")) == ["measured-measured"]


def test_a_site_table_elsewhere_is_not_asked_for(puller: Any, city: Any, reply: Any) -> None:
    serve(city, reply, measured="m1")
    problem = puller.one("datex2", url=f"{city.url}/measured", site_table="http://127.0.0.1:9/sites?key=1").problem
    assert (problem.code, problem.values["link"]) == ("LINK_LEAVES", "http://127.0.0.1:9/sites")
    assert city.asked == []


@pytest.mark.parametrize("body", [DOCUMENT[:-9], b"<rss></rss>", b"not here", b""])
def test_what_is_no_whole_document_is_asked_again_then_told(puller: Any, city: Any, reply: Any, body: bytes) -> None:
    city.answer = lambda asked: reply(body)
    receipt = puller.one("datex2", url=city.url, attempts=3)
    assert (receipt.status, receipt.problem.code, len(city.asked)) == ("failed", "DATEX2_NOT_WHOLE", 3)


def test_what_would_be_asked_is_said_without_asking() -> None:
    from datetime import UTC, datetime

    from citylake.pipelines.pull.connector_api import PullContext
    from citylake.pipelines.records import Run
    from tests.pipelines.pull.conftest import contract

    source = {"connector": "datex2", "url": "http://127.0.0.1:9/m?key=1", "site_table": "http://127.0.0.1:9/s?key=1"}
    (fetch,) = plan_fetches(contract(source), PullContext({}, Run("r", datetime(2026, 3, 1, tzinfo=UTC))))
    assert fetch.asks == ("GET http://127.0.0.1:9/m", "GET http://127.0.0.1:9/s")
