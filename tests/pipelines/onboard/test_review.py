"""People decide on a page or in the terminal, with the evidence for and against each proposal before them."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.cli.onboard_prompts import ask_verdicts
from citylake.pipelines.match.field_proposal import ElementProposal, MatchEvidence
from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.review_page import render_review
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key

FOR = MatchEvidence("name", "name_equal", 0.5, {"term": "v"})
AGAINST = MatchEvidence("value", "no_whole_numbers", -0.2, {"share": 9})
Pairs = set[tuple[str, str]]
VALUES = {"车速": ["40", "</script><b>"], "编号": ["1", "2"], "note's": ["x", "y"]}


def proposed(field: str, *elements: str) -> FieldChoice:
    evidence = (FOR, AGAINST)
    return FieldChoice(
        field, tuple(ElementProposal(field, each, 0.5, sure=False, evidence=evidence) for each in elements)
    )


@pytest.fixture
def plan() -> DraftPlan:
    choices = (
        proposed("车速", "traffic.mean_speed", "traffic.speed_limit"),
        proposed("编号", "air.station_code"),
        proposed("note's", "place.region_code"),
    )
    sample = SourceSample(tuple(VALUES), pl.DataFrame(VALUES))
    return DraftPlan("traffic.x", {"connector": "files", "path": "x", "format": "csv"}, sample, choices)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_every_proposal_with_its_evidence_and_asks_no_network(
    plan: DraftPlan, registry: Registry, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("CITYLAKE_LANG", language)
    page = render_review([plan], registry, ["citylake", "onboard", "x y.csv", "--dataset", "traffic.x"])
    assert f'<html lang="{language}">' in page
    assert page.count('class="against"') == page.count('class="for"') == 4
    assert not re.search(r"""(?:src|href)=|url\((?!#)|https?://""", page)
    assert "&lt;/script&gt;&lt;b&gt;" in page
    assert "citylake onboard &#39;x y.csv&#39; --dataset traffic.x" in page
    labels, inputs = page.count("<label>"), page.count("<input ")
    assert labels == inputs > 0


@pytest.mark.parametrize(
    ("answers", "accepted", "refused"),
    [
        (["1", "", ""], {("车速", "traffic.mean_speed")}, set()),
        (["9", "2", "r", "q"], {("车速", "traffic.speed_limit")}, {("编号", "air.station_code")}),
        (["q"], set(), set()),
        (["", "c", "air.pm99", "air.pm25", ""], {("编号", "air.pm25")}, set()),
        (["", "c", "", ""], set(), set()),
    ],
)
def test_a_person_accepts_refuses_or_chooses_field_by_field(
    plan: DraftPlan,
    registry: Registry,
    answers: list[str],
    accepted: set[tuple[str, str]],
    refused: set[tuple[str, str]],
) -> None:
    given = iter(answers)
    found = ask_verdicts(plan, registry, lambda _: next(given))
    assert (set(found.accepted), set(found.refused)) == (accepted, refused)
    assert list(given) == []


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("kx,ky\n1,2\n3,4\n", "utf-8")
    page = tmp_path / "review.html"
    assert main(["onboard", str(tmp_path / "x.csv"), "--dataset", "city.x", "--review", str(page)]) == 0
    assert "city.x" in page.read_text("utf-8")
    assert str(page) in capsys.readouterr().err


def test_values_that_may_be_personal_are_on_no_page(registry: Registry) -> None:
    secret = "11010519491231002X"
    choice = proposed("证件", "person.id_number", "air.station_code")
    sample = SourceSample(("证件",), pl.DataFrame({"证件": [secret]}))
    plan = DraftPlan("person.x", {"connector": "files", "path": "x", "format": "csv"}, sample, (choice,))
    page = render_review([plan], registry, ["citylake", "onboard", "x.csv"])
    assert secret not in page
    assert translate_key("onboard.values_hidden") in page
