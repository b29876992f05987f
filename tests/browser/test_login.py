"""Who may read the pages: tested over HTTP, as anyone can who reaches the port."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.conftest import Served
from tests.pipelines.site.conftest import SECRET

PATHS = (
    "/citylake/",
    "/citylake/datasets/traffic.counts",
    "/citylake/runs/x",
    "/citylake/marts",
    "/citylake/dag?dag_id=dataset.traffic.counts",
    "/citylake/api/overview",
    "/citylake/api/datasets/traffic.counts",
    "/citylake/no-such-page",
)


@pytest.mark.parametrize("path", PATHS[:-1])
def test_without_a_login_nothing_of_the_lake_is_told(served: Served, path: str) -> None:
    answer = httpx.get(served.url + path)
    assert answer.status_code == 401
    beside_the_address = answer.text.replace(path.partition("?")[2] or path, "").replace("citylake", "")
    for told in ("traffic", "counts", "交通", "断面", "/lake"):
        assert told not in beside_the_address, told


def test_a_token_that_nobody_gave_out_is_refused(served: Served) -> None:
    answer = httpx.get(served.url + "/citylake/", cookies={"_token": "made.up.token"})
    assert answer.status_code in (401, 403)
    assert "traffic" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_pages_are_for_reading_only(served: Served, method: str) -> None:
    asked = httpx.request(method, served.url + "/citylake/", headers={"Authorization": f"Bearer {served.login()}"})
    assert asked.status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_a_page_allows_a_browser_nothing_from_elsewhere_and_keeps_nothing(served: Served, path: str) -> None:
    answer = httpx.get(served.url + path, headers={"Authorization": f"Bearer {served.login()}"})
    assert answer.status_code == (404 if path.endswith("no-such-page") else 200)
    assert answer.headers["Cache-Control"] == "private, no-store"
    if "/api/" not in path:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy


def test_whoever_may_read_the_dags_may_read_the_pages(served: Served) -> None:
    asked = {"Authorization": f"Bearer {served.login('viewer')}"}
    told = httpx.get(served.url + "/citylake/api/overview", headers=asked).json()
    assert [entry["dataset"] for entry in told["datasets"]] == ["traffic.counts", "person.register", "water.gauge"]
    assert SECRET not in str(told)


def test_an_unknown_dataset_is_told_in_both_languages(served: Served) -> None:
    asked = {"Authorization": f"Bearer {served.login()}"}
    answer = httpx.get(served.url + "/citylake/api/datasets/no.such", headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (404, "DATASET_UNKNOWN")
    assert set(answer.json()["text"]) == {"zh", "en"}
    page = httpx.get(served.url + "/citylake/datasets/%3Cscript%3Ealert(1)", headers=asked)
    assert page.status_code == 404
    assert "<script>alert" not in page.text
