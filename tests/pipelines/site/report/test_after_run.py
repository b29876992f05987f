"""The report site after ``citylake run``."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.site.report import report_charts
from citylake.pipelines.site.report.after_run import report_run
from citylake.pipelines.site.report.build_report import build_report
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.site.conftest import FIRST, declared
from tests.trial import Trial


@pytest.fixture
def city(tmp_path: Path) -> Trial:
    trial = declared(Trial(tmp_path))
    (tmp_path / "counts/1.csv").write_text(FIRST, "utf-8")
    return trial


def context(city: Trial) -> RunContext:
    return RunContext(load_valid_registry(city.root / "workspace"), city.lake, city.ledger, new_run(), {})


def test_the_run_has_a_page_and_one_without_news_writes_nothing(city: Trial) -> None:
    document = city.run(datasets=["traffic.counts"]).document
    assert document["report"] is None
    given = context(city)
    given = replace(given, run=replace(given.run, id=document["run"]["id"]))
    page = report_run(given, document, "en")
    assert page is not None
    assert Path(page) == city.root / "lake/reports/en/runs" / f"{document['run']['id']}.html"
    assert "VALUE_UNREADABLE" in Path(page).read_text("utf-8")
    again = city.run(datasets=["traffic.counts"]).document
    assert report_run(context(city), again, "en") is None


def test_a_site_that_cannot_be_written_does_not_fail_the_run(city: Trial, caplog: pytest.LogCaptureFixture) -> None:
    document = city.run(datasets=["traffic.counts"]).document
    (city.root / "lake/reports").write_text("a file in the way", "utf-8")
    with caplog.at_level(logging.ERROR):
        assert report_run(context(city), document, "en") is None
    assert "could not be written" in caplog.text


def test_without_the_extra_a_site_with_charts_is_refused_with_the_command(
    city: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_charts, "find_spec", lambda _name: None)
    with pytest.raises(CitylakeError) as caught:
        build_report(city.lake, load_valid_registry(city.root / "workspace"))
    assert caught.value.code == "REPORT_EXTRA_MISSING"
    assert 'pip install "citylake[report]"' in caught.value.say("en")


def test_a_lake_without_a_run_has_a_site_that_says_what_was_never_received(city: Trial, tmp_path: Path) -> None:
    registry = load_valid_registry(city.root / "workspace")
    built = build_report(city.lake, registry, str(tmp_path / "site"), charts=False)
    assert built.runs == frozenset()
    assert "water.gauge" in (tmp_path / "site/en/index.html").read_text("utf-8")
