"""The services produce the requested faults, and no others."""

from __future__ import annotations

import httpx
import pytest

TABLE = "/env/air_hourly.csv"


@pytest.fixture
def whole(standin: str) -> bytes:
    return _get(f"{standin}{TABLE}").content


def _get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_a_fault_comes_on_the_request_it_is_asked_for(standin: str, whole: bytes) -> None:
    statuses = [_get(f"{standin}/with/503:2@once{TABLE}").status_code for _ in range(3)]
    assert statuses == [200, 503, 200]
    assert [_get(f"{standin}/with/503:2+@on{TABLE}").status_code for _ in range(3)] == [200, 503, 503]
    assert _get(f"{standin}/with/429{TABLE}").headers["retry-after"] == "0"


def test_a_cut_body_is_shorter_than_it_says(standin: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        _get(f"{standin}/with/cut{TABLE}")


def test_a_slow_or_packed_or_recoded_body_is_the_same_table(standin: str, whole: bytes) -> None:
    assert _get(f"{standin}/with/slow{TABLE}").content == whole
    packed = _get(f"{standin}/with/gzip{TABLE}")
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", whole)
    assert _get(f"{standin}/with/gbk/env/stations").content.decode("gb18030") == _get(f"{standin}/env/stations").text


def test_a_login_page_a_wrong_type_and_a_wrong_clock_are_served_under_200(standin: str, whole: bytes) -> None:
    assert "Login" in _get(f"{standin}/with/login{TABLE}").text
    odd = _get(f"{standin}/with/wrong_type,skew{TABLE}")
    assert (odd.headers["content-type"], odd.headers["date"][-8:-4], odd.content) == ("text/plain", "0:00", whole)
