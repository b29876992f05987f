"""``citylake entities``: link, list, show, review and undo, as a steward calls them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from citylake.pipelines.cli import main
from tests.pipelines.entities.conftest import CODES, LinkedCity, make_linked_city
from tests.pipelines.entities.test_similar_links import SIMILAR, fill

C = CODES[2]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> LinkedCity:
    city = make_linked_city(tmp_path_factory.mktemp("cli"), SIMILAR.replace("review: 0.4", "review: 0.05"))
    fill(city)
    return city


def test_a_steward_links_looks_decides_and_undoes(
    city: LinkedCity, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_USER", "wang")
    monkeypatch.setenv("CITYLAKE_LANG", "en")

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["--workspace", str(city.root), "--lake", city.lake.url, "entities", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    def read(*words: str) -> Any:
        code, out, _ = call(*words, "--json")
        assert code == 0
        return json.loads(out)

    code, out, _ = call("link")
    assert (code, "6 records are 4 entities" in out, "citylake entities review enterprise" in out) == (0, True, True)
    (totals,) = read("list")["entities"]
    assert totals["stages"] == {"alone": 2, "similar": 4}
    assert totals["shared"] == 2
    (pair,) = [each for each in read("review")["pending"] if {each["record_key"], each["other_key"]} == {C, "s2"}]
    assert pair["reason"]["code"] == "similar"
    assert pair["link_id"] in call("review")[1]
    code, _, err = call("review", "--accept", pair["link_id"])
    assert (code, "--why" in err) == (1, True)
    act = read("review", "--accept", pair["link_id"], "--why", "one owner")["act"]
    links = read("show", city.ids()[C])["links"]
    assert {each["record_key"]: each["reviewer"] for each in links} == {C: "wang", "s1": None, "s2": "wang"}
    assert "confirmed by a person" in call("show", city.ids()[C])[1]
    assert read("undo", act, "--why", "an error")["entity"] == "enterprise"
    assert city.ids()["s2"] != city.ids()[C]
    assert call("show", "enterprise-0")[0] == 1
    (city.root / "roles.yaml").write_text(
        "roles: [{users: [wang], may: [correct], departments: [人社局]}]\n", encoding="utf-8"
    )
    code, _, err = call("review", "--reject", pair["link_id"], "--why", "two")
    assert (code, "市场监管局" in err) == (1, True)
