"""The services of GTFS, GTFS-Realtime and DATEX II answer as publishers do, and produce the requested faults."""

from __future__ import annotations

import gzip
import io
from zipfile import BadZipFile, ZipFile

import httpx
import pytest
from google.protobuf.message import DecodeError
from google.transit.gtfs_realtime_pb2 import FeedMessage

FEED = "/transit/lanhai_gtfs.zip"
VEHICLES = "/transit/rt/vehicles.pb"
MEASURED = "/traffic/datex2/v2/measured.xml"
DOCUMENTS = (FEED, VEHICLES, "/transit/rt/alerts.pb", MEASURED, "/traffic/datex2/v3/sites.xml.gz")


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("path", DOCUMENTS)
def test_who_has_a_document_is_not_sent_it_again(standin: str, path: str) -> None:
    first = get(standin + path)
    for condition in (
        {"If_None_Match": first.headers["etag"]},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = get(standin + path, **condition)
        assert (again.status_code, again.content) == (304, b"")
    assert get(standin + path, If_None_Match='"other"').content == first.content


def test_the_timetable_has_trips_past_midnight_exceptions_and_a_stop_without_a_place(standin: str) -> None:
    with ZipFile(io.BytesIO(get(standin + FEED).content)) as feed:
        assert b",24:" in feed.read("stop_times.txt")
        assert feed.read("calendar_dates.txt").splitlines()[1] == b"D,20261001,2"
        assert feed.read("stops.txt").startswith(b"\xef\xbb\xbf")
        assert feed.read("stops.txt").rstrip().endswith(b",,")


def test_messages_move_on_and_only_then_does_their_time(standin: str) -> None:
    stamps = [
        FeedMessage.FromString(get(f"{standin}/with/rotating@turns{VEHICLES}").content).header.timestamp
        for _ in range(3)
    ]
    assert stamps == sorted(set(stamps))
    same = {
        FeedMessage.FromString(get(f"{standin}/with/rotating,same_stamp@t{VEHICLES}").content).header.timestamp
        for _ in range(2)
    }
    assert same == {stamps[0]}


def test_what_ends_in_its_middle_cannot_be_read(standin: str) -> None:
    with pytest.raises(BadZipFile):
        ZipFile(io.BytesIO(get(f"{standin}/with/half{FEED}").content))
    with pytest.raises(DecodeError):
        FeedMessage.FromString(get(f"{standin}/with/half{VEHICLES}").content)
    whole = get(standin + MEASURED).content
    assert get(f"{standin}/with/half{MEASURED}").content == whole[: len(whole) // 2]


def test_a_packed_document_is_the_same_document(standin: str) -> None:
    assert gzip.decompress(get(f"{standin}{MEASURED}.gz").content) == get(standin + MEASURED).content


def test_a_feed_that_is_not_there_is_not_found(standin: str) -> None:
    assert get(f"{standin}/transit/rt/ships.pb").status_code == 404
