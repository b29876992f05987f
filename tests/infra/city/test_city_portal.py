"""The city's portals answer as municipal portals do, and produce the requested faults."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from citylake.infra.city.protocols.portal import APP_ID, APP_KEY, APP_SECRET, PORTAL_DATASET

KEYED = f"/sz/api/{PORTAL_DATASET}/1/service.xhtml"


def keyed(standin: str, faults: str = "", **params: Any) -> dict[str, Any]:
    answer = httpx.get(f"{standin}{faults}{KEYED}", params={"appKey": APP_KEY, **params}, trust_env=False)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def fields(**changed: str) -> dict[str, str]:
    stamp = str(time.time_ns() // 1_000_000)
    biz = json.dumps({"pageNumber": 1, "pageSize": 3})
    return {"app_id": APP_ID, "interface_id": "x", "timestamp": stamp, "biz_content": biz, "sign": "", **changed}


def posted(standin: str, path: str, given: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{standin}/zj{path}", data=given, trust_env=False)


def test_the_keyed_portal_has_upper_case_keys_and_refuses_under_200(standin: str) -> None:
    page = keyed(standin, page=2, rows=3)
    assert (page["page"], page["rows"], len(page["data"])) == (2, 3, 3)
    assert {"AJBH", "SLSJ"} <= page["data"][0].keys()
    assert all(isinstance(value, str | None) for value in page["data"][0].values())
    assert keyed(standin, appKey="wrong") == {"message": "appkey无效：wrong"}


def test_a_signed_call_is_json_in_a_text_in_a_text(standin: str) -> None:
    given = fields()
    signature = posted(standin, "/jimp/sign/createsign.do", {**given, "app_secret": APP_SECRET}).text
    outer = posted(standin, "/interface/gateway.do", {**given, "sign": signature}).json()
    inner = json.loads(outer["data"])
    assert (outer["code"], inner["code"]) == (200, "1")
    assert len(json.loads(inner["data"])["list"]) == 3


def test_a_signature_is_for_its_call_and_for_a_while(standin: str) -> None:
    given = fields()
    signature = posted(standin, "/jimp/sign/createsign.do", {**given, "app_secret": APP_SECRET}).text
    other = {**given, "interface_id": "y", "sign": signature}
    assert posted(standin, "/interface/gateway.do", other).json()["msg"] == "签名错误"
    old = fields(timestamp="1000")
    signature = posted(standin, "/jimp/sign/createsign.do", {**old, "app_secret": APP_SECRET}).text
    assert posted(standin, "/interface/gateway.do", {**old, "sign": signature}).json()["msg"] == "签名已过期"
    assert posted(standin, "/jimp/sign/createsign.do", {**given, "app_secret": "x"}).json()["code"] == 401


def test_the_services_own_faults_are_made(standin: str) -> None:
    first, second = keyed(standin, page=1, rows=3), keyed(standin, page=2, rows=3)
    total = first["total"]
    assert len(keyed(standin, "/with/short_page@p", page=1, rows=3)["data"]) == 2
    assert keyed(standin, "/with/repeated_page@p", page=2, rows=3)["data"] == first["data"]
    assert keyed(standin, "/with/past_end@p", page=total, rows=3)["data"]
    assert "message" in keyed(standin, "/with/error_200@p", page=1)
    assert "AJBH_NEW" in keyed(standin, "/with/renamed_column@p", page=2, rows=3)["data"][0]
    assert keyed(standin, "/with/text_counts@p")["total"] == str(total)
    assert keyed(standin, "/with/shift@p", page=2, rows=3) == second
    shifted = keyed(standin, "/with/shift@p", page=2, rows=3)
    assert (shifted["total"], shifted["data"][:2]) == (total - 1, second["data"][1:])


@pytest.mark.parametrize(("fault", "said"), [("next_elsewhere", "http://127.0.0.1:9/steal"), ("endless_next", "page=")])
def test_links_lead_elsewhere_or_never_end(standin: str, fault: str, said: str) -> None:
    url = f"{standin}/with/{fault}@l/sz/api/{PORTAL_DATASET}/links"
    page = httpx.get(url, params={"appKey": APP_KEY, "page": "9999"}, trust_env=False).json()
    assert said in page["next"]
    plain = httpx.get(
        f"{standin}/sz/api/{PORTAL_DATASET}/links", params={"appKey": APP_KEY, "page": "9999"}, trust_env=False
    )
    assert plain.json()["next"] is None
