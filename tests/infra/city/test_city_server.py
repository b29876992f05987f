from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from citylake.infra.city.serve.city_server import serve_city


@pytest.fixture
def client(city_folder: Path) -> Iterator[httpx.Client]:
    with serve_city(city_folder) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def _page(client: httpx.Client, page: int, rows: int = 200) -> dict[str, Any]:
    answer = client.get("/gov/hotline", params={"page": page, "rows": rows})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_the_second_page_fails_once_with_status_200_and_then_works(client: httpx.Client) -> None:
    assert _page(client, 1)["code"] == 200
    failed, again = _page(client, 2), _page(client, 2)
    assert (failed["code"], failed["data"]) == (500, None)
    assert again["code"] == 200
    assert len(again["data"]["rows"]) == 200


def test_the_pages_together_are_the_declared_total(client: httpx.Client, city_folder: Path) -> None:
    _page(client, 2)
    total, found, page = _page(client, 1)["data"]["total"], [], 1
    while rows := _page(client, page)["data"]["rows"]:
        found += rows
        page += 1
    assert len(found) == total
    assert found == json.loads((city_folder / "api/hotline.json").read_text("utf-8"))


def test_a_page_is_never_longer_than_the_server_allows(client: httpx.Client) -> None:
    assert len(_page(client, 1, rows=100_000)["data"]["rows"]) == 500


def test_the_links_lead_through_every_station(client: httpx.Client) -> None:
    answer = client.get("/env/stations").json()
    count, found = answer["count"], answer["stations"]
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        found = found + answer["stations"]
    assert len(found) == count > 5


def test_the_air_table_comes_whole(client: httpx.Client, city_folder: Path) -> None:
    assert client.get("/env/air_hourly.csv").content == (city_folder / "api/air_hourly.csv").read_bytes()


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/gov/hotline?page=x", 400), ("/gov/hotline?page=0", 400)]
)
def test_what_is_asked_badly_is_refused(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status
