"""``gtfs``: a zip that opens, with the table that is wanted, or told."""

from __future__ import annotations

import io
import zipfile
from typing import Any

FORMAT = {"type": "gtfs", "table": "stops"}


def feed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "a,b\n1,2\n")
    return buffer.getvalue()


def test_a_feed_is_named_by_its_zip_and_kept_as_it_came(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(feed("agency.txt", "stops.txt"), headers={"ETag": '"1"'})
    receipt = puller.one("gtfs", url=f"{city.url}/a/town.zip?v=1", format=FORMAT)
    assert (receipt.status, receipt.name, receipt.proof) == ("received", "town.zip", "snapshot")
    assert puller.landed()[0].read_bytes() == feed("agency.txt", "stops.txt")


def test_a_zip_that_is_cut_is_asked_for_again(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(feed("stops.txt")[: -10 if asked.times < 1 else None])
    assert puller.one("gtfs", url=city.url, format=FORMAT).status == "received"
    assert len(city.asked) == 2


def test_a_feed_may_do_without_an_optional_table_but_not_without_its_agency(puller: Any, city: Any, reply: Any) -> None:
    optional = {**FORMAT, "optional": True}
    city.answer = lambda asked: reply(feed("agency.txt"))
    assert puller.one("gtfs", url=f"{city.url}/1", format=FORMAT).problem.code == "GTFS_NO_TABLE"
    assert puller.one("gtfs", url=f"{city.url}/1", format=optional).status == "received"
    city.answer = lambda asked: reply(feed("town/agency.txt", "town/stops.txt"))
    assert puller.one("gtfs", url=f"{city.url}/2", format=optional).problem.code == "GTFS_NO_TABLE"
    assert len(city.asked) == 3


def test_a_zip_that_climbs_is_refused(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(feed("stops.txt", "../b.txt"))
    assert puller.one("gtfs", url=city.url, format=FORMAT, attempts=1).problem.code == "ZIP_CLIMBS"
