"""Links by similarity, the pairs that wait for a person, and what the person decides."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.entities.decide_links import LinkDecision, decide_link
from citylake.pipelines.entities.read_links import find_link, pending_pairs, show_entity, summarize_links
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.entities.conftest import CODES, ENTITY, LinkedCity, make_linked_city, record

WHY = LinkDecision("李", "cli", "电话核实")
SIMILAR = ENTITY + "similar: {language: zh, accept: 0.95, review: 0.4}\n"
A, B, C, D = CODES


def firm(name: str, address: str, phone: str, **parts: str) -> dict[str, Any]:
    return record(name, registered_address=address, organisation_phone=phone, **parts)


def fill(city: LinkedCity, seed: int = 0) -> None:
    wensan, tonghui = "杭州市西湖区文三路259号", "萧山区通惠路18号"
    rows = {
        "market.register": [
            firm("浙江绿源环保科技有限公司", wensan, "0571-87654321", uscc=A),
            firm("绿源环保科技（杭州）有限公司", wensan, "0571-87651111", uscc=B),
            firm("钱江印染有限公司", f"杭州市{tonghui}", "0571-82810000", uscc=C),
        ],
        "social.accounts": [
            # Traditional characters, another form of company, no code.
            firm("錢江印染公司", tonghui, "82810000", website_url="s1"),
            firm("钱江印染二厂", "萧山区工业路3号", "82810001", website_url="s2"),
        ],
        "env.permits": [firm("浙江绿源环保科技", "西湖区文三路259号3楼", "87654321", website_url="e1")],
    }
    for dataset, each in rows.items():
        random.Random(seed).shuffle(each)
        city.rows(dataset, each)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> LinkedCity:
    city = make_linked_city(tmp_path_factory.mktemp("similar"), SIMILAR)
    fill(city)
    city.link()
    return city


def decide(city: LinkedCity, link: str, *, accept: bool | None) -> str:
    context = city.context()
    act = decide_link(context, find_link(context, link), WHY, accept=accept)
    city.link()
    return act


def test_other_spellings_link_and_two_credit_codes_never_do(linked: LinkedCity) -> None:
    ids = linked.ids()
    assert ids["s1"] == ids[C]
    assert ids["e1"] == ids[A] != ids[B]
    row = linked.links.filter(linked.links["record_key"] == "s1").row(0, named=True)
    assert row["stage"] == "similar"
    assert row["score"] >= 0.95
    assert '"name": "same"' in row["reason"]
    # The reason has levels and no values, which may be personal.
    assert "82810000" not in row["reason"]


def test_the_order_of_rows_decides_nothing_and_linking_again_changes_nothing(linked: LinkedCity) -> None:
    before = linked.links
    fill(linked, seed=5)
    assert linked.link().unchanged
    assert linked.link(again=True).unchanged
    assert linked.links.equals(before)


def test_a_pending_pair_waits_is_accepted_and_can_be_parted_again(tmp_path: Path) -> None:
    city = make_linked_city(tmp_path, SIMILAR.replace("review: 0.4", "review: 0.05"))
    fill(city)
    city.link()
    context = city.context()
    waiting = {frozenset((row["record_key"], row["other_key"])): row for row in pending_pairs(context, "enterprise", 9)}
    pair = waiting[frozenset((C, "s2"))]
    assert pair["waits"] == "band"
    before = city.ids()
    decide(city, pair["link_id"], accept=True)
    after = city.ids()
    assert after["s2"] == after[C] == before[C]
    (row,) = [each for each in show_entity(city.context(), after[C]) if each["record_key"] == "s2"]
    assert (row["stage"], row["reviewer"]) == ("review", "李")
    decide(city, row["link_id"], accept=None)
    assert city.ids() == before
    assert "s2" not in {key for each in pending_pairs(city.context(), "enterprise", 9) for key in
                        (each["record_key"], each["other_key"])}  # fmt: skip
    acts = city.context().ledger.read("entity_decisions")
    assert acts["act"].to_list() == ["accept", "undo", "undo"]
    assert city.context().ledger.read("acts")["act"].to_list() == ["accept_link", "undo_link"]


def test_a_rejected_pair_never_joins_again_also_not_through_others(tmp_path: Path) -> None:
    city = make_linked_city(tmp_path, SIMILAR)
    fill(city)
    city.link()
    (link,) = city.links.filter(city.links["record_key"] == "s1")["link_id"].to_list()
    decide(city, link, accept=None)
    # A new record that is like both.
    city.rows("env.permits", [firm("钱江印染", "萧山区通惠路18号", "82810000", website_url="e7")])
    city.link()
    ids = city.ids()
    assert ids["s1"] != ids[C]
    assert ids["e7"] in (ids["s1"], ids[C])
    assert summarize_links(city.context(), "enterprise")["records"] == city.links.height == len(ids)


def test_without_splink_the_error_names_the_command(city: LinkedCity, monkeypatch: pytest.MonkeyPatch) -> None:
    city.declare(SIMILAR)
    fill(city)
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(CitylakeError, match=r"pip install 'citylake\[entities\]'"):
        city.link()
    city.declare(ENTITY)
    assert city.link().counts["market.register"].records == 3


def test_an_unknown_link_and_a_record_alone_are_refused(linked: LinkedCity) -> None:
    with pytest.raises(CitylakeError, match="no link or pending pair"):
        find_link(linked.context(), "nothing")
    (alone,) = linked.links.filter(linked.links["record_key"] == B)["link_id"].to_list()
    with pytest.raises(CitylakeError, match="nothing to undo"):
        decide_link(linked.context(), find_link(linked.context(), alone), WHY, accept=None)
    with pytest.raises(CitylakeError, match="not that of a pending pair"):
        decide_link(linked.context(), find_link(linked.context(), alone), WHY, accept=True)
