from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from citylake.pipelines.site.page_renderer import PageStyle, render_page
from citylake.schemas.words.message_catalogue import translate_key

_VOID = {"meta", "input", "br", "link", "img", "hr"}


def dataset(**more: Any) -> dict[str, Any]:
    return {
        "dataset": "traffic.detector_flow",
        "title": {"zh": "交通检测器流量", "en": "traffic detector flow"},
        "department": "市交通运输局",
        "status": "committed",
        "batch": "b-17",
        "receipts": [
            {
                "id": "r-1",
                "source": "detector/2026-03-01.csv",
                "status": "received",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size_bytes": 1_234_567,
                "declared_count": None,
                "stored_count": 1_000_000,
                "problem": None,
            }
        ],
        "rows_in": 1_000_000,
        "rows_standard": 999_950,
        "rows_quarantined": 47,
        "rows_duplicate": 3,
        "rows_superseded": 0,
        "issues": [
            {
                "code": "OUT_OF_RANGE",
                "severity": "error",
                "responsible": "supplier",
                "rows": 40,
                "text": {"zh": "数值超出 0 到 200 的范围", "en": "the value is outside 0 to 200"},
            },
            {
                "code": "FLOW_WITHOUT_SPEED",
                "severity": "warning",
                "responsible": "supplier",
                "rows": 512,
                "text": {"zh": "有流量但没有速度", "en": "flow without speed"},
            },
        ],
        "checks": [
            {
                "name": "rows.min",
                "passed": True,
                "severity": "error",
                "observed": "999,950",
                "expected": "≥ 1,000",
            }
        ],
        "days": ["2026-03-01", "2026-03-02"],
        "problems": [],
        "seconds": {"pull": 0.2, "parse": 1.1, "conform": 3.4},
    } | more


@pytest.fixture
def document() -> dict[str, Any]:
    too_few = {"zh": "本批合格数据只有 12 行。请核对是否漏报。", "en": "12 standard rows came. Ask the department."}
    held = dataset(
        dataset="service.hotline_cases",
        title={"zh": "政务热线工单", "en": "hotline cases"},
        department="市政务服务局",
        status="held",
        rows_in=15,
        rows_standard=12,
        rows_quarantined=3,
        rows_duplicate=0,
        issues=[
            {
                "code": "UNKNOWN_CODE",
                "severity": "error",
                "responsible": "lake",
                "rows": 3,
                "text": {"zh": "代码不在代码集中", "en": "the code is not in its list"},
            }
        ],
        checks=[{"name": "rows.min", "passed": False, "severity": "error", "observed": "12", "expected": "≥ 100"}],
        problems=[{"code": "ROWS_TOO_FEW", "text": too_few}],
    )
    return {
        "run": {
            "id": "20260302T013000-7f3a",
            "started_at": "2026-03-02T01:30:00+08:00",
            "finished_at": "2026-03-02T01:30:42+08:00",
            "seconds": 42.3,
            "workspace": "city",
            "lake": "lake",
            "exit_code": 2,
        },
        "datasets": [dataset(), held],
        "marts": [
            {
                "mart": "city_day",
                "title": {"zh": "城市日报", "en": "city day"},
                "status": "published",
                "version": "20260302T013040",
                "path": "lake/marts/city_day/city_day-20260302T013040.duckdb",
                "tables": {"region_day": 424},
                "days": {"region_day": ["2026-03-01"]},
                "checks": [{"name": "grain", "passed": True, "severity": "error", "observed": "0", "expected": "0"}],
                "problems": [],
                "seconds": 1.5,
            }
        ],
        "report": "lake/reports/20260302T013000-7f3a.html",
    }


def page_of(document: dict[str, Any]) -> Page:
    """The page of a run in both languages, read as one."""
    return Page(html_of(document))


def html_of(document: dict[str, Any]) -> str:
    """The page in Chinese, then in English."""
    return "".join(render_page("run", document, PageStyle(language)) for language in ("zh", "en"))


class Page(HTMLParser):
    """Tags in balance, the text by section, and everything that could ask for another file."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.sections: dict[str, list[str]] = {"": []}
        self.section = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.section = dict(attrs)["id"] or ""
            self.sections.setdefault(self.section, [])
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.sections[self.section].append(data)

    def text(self, section: str = "") -> str:
        return re.sub(r"\s+", " ", " ".join(self.sections[section]))

    def asked_for(self) -> Iterator[str]:
        for tag, attributes in self.tags:
            if tag in ("link", "img", "iframe", "object", "embed", "image", "use", "form", "base"):
                yield tag
            for name in ("src", "srcset", "xlink:href", "style", "poster", "action"):
                if attributes.get(name):
                    yield f"{tag} {name}"
            if "//" in str(attributes.get("href")):
                yield f"{tag} href"
            yield from (f"{tag} {name}" for name in attributes if name.startswith("on"))


def test_the_page_is_one_well_formed_document_that_asks_for_no_other_file(document: dict[str, Any]) -> None:
    html = html_of(document)
    page = Page(html)
    assert page.open == []
    assert list(page.asked_for()) == []
    assert not re.search(r"@import|url\((?!#)", html)
    assert html.startswith("<!DOCTYPE html>")


def test_the_headline_says_where_every_row_went(document: dict[str, Any]) -> None:
    text = page_of(document).text()
    for number in ("1,000,015", "999,950", "12", "50", "3"):
        assert f" {number} " in text
    assert translate_key("report.law.kept_held", "zh") in text
    assert translate_key("report.verdict.2", "en") in text


def test_rows_that_do_not_add_up_are_not_passed_over(document: dict[str, Any]) -> None:
    document["datasets"][0]["rows_standard"] -= 1
    assert translate_key("report.law.broken", "en") in page_of(document).text()


def test_what_needs_a_person_comes_first_with_what_to_do(document: dict[str, Any]) -> None:
    text = page_of(document).text("attention")
    for said in ("政务热线工单", "市政务服务局", "ROWS_TOO_FEW", "请核对是否漏报", "Ask the department", "≥ 100"):
        assert said in text
    assert "交通检测器流量" not in text
    assert page_of(document).text("arrivals").index("政务热线工单") < page_of(document).text("arrivals").index(
        "交通检测器流量"
    )


def test_a_source_that_failed_shows_its_receipts_reason(document: dict[str, Any]) -> None:
    failed = document["datasets"][0]
    failed["status"] = "failed"
    problem = {"code": "HTTP_STATUS", "text": {"zh": "服务器返回 503", "en": "the server answered 503"}}
    failed["receipts"][0] |= {"status": "failed", "problem": problem, "sha256": None}
    text = page_of(document).text("attention")
    assert "HTTP_STATUS" in text
    assert "the server answered 503" in text


def test_reasons_stand_by_rows_with_who_can_mend_them(document: dict[str, Any]) -> None:
    text = page_of(document).text("reasons")
    places = [text.index(code) for code in ("OUT_OF_RANGE", "UNKNOWN_CODE", "FLOW_WITHOUT_SPEED")]
    assert places == sorted(places)
    for said in ("40", "512", "数值超出 0 到 200 的范围", "市交通运输局", translate_key("report.who.lake", "zh")):
        assert said in text


def test_rare_reasons_are_folded_away_and_not_dropped(document: dict[str, Any]) -> None:
    issue = document["datasets"][0]["issues"][0]
    document["datasets"][0]["issues"] = [issue | {"code": f"FAULT_{n}", "rows": 100 - n} for n in range(20)]
    text = page_of(document).text("reasons")
    assert all(f"FAULT_{n} " in text for n in range(20))
    assert translate_key("report.reasons.more", "en", count=9) in text


def test_a_small_share_is_drawn_wide_enough_to_see(document: dict[str, Any]) -> None:
    html = html_of(document)
    widths = [float(found) for found in re.findall(r'class="fill-quarantined" x="[\d.]+" y="0" width="([\d.]+)"', html)]
    assert len(widths) >= 3
    assert min(widths) >= 4


def test_marts_receipts_and_checks_are_all_there(document: dict[str, Any]) -> None:
    page = page_of(document)
    for said in ("城市日报", "20260302T013040", "region_day", "424", "2026-03-01"):
        assert said in page.text("marts")
    for said in ("detector/2026-03-01.csv", "9f86d081884c", "1.2 MB", "rows.min", "999,950", "2026-03-02"):
        assert said in page.text("datasets")


def test_of_a_thousand_receipts_those_with_a_problem_are_shown_and_the_rest_counted(document: dict[str, Any]) -> None:
    receipt = document["datasets"][0]["receipts"][0]
    many = [receipt | {"id": f"r-{n}.", "source": f"{n}.csv"} for n in range(1000)]
    many[-1] |= {"status": "failed", "problem": {"code": "NOT_CSV", "text": {"zh": "不是 CSV", "en": "not CSV"}}}
    document["datasets"][0]["receipts"] = many
    text = page_of(document).text("datasets")
    assert "r-999." in text
    assert "NOT_CSV" in text
    assert translate_key("report.receipt.more", "en", count=960) in text


def hostile(value: Any, path: str = "") -> Any:
    """Every text of the document that is not one of a closed set, made hostile."""
    if isinstance(value, dict):
        closed = ("status", "severity", "responsible")
        return {key: part if key in closed else hostile(part, f"{path}.{key}") for key, part in value.items()}
    if isinstance(value, list):
        return [hostile(part, path) for part in value]
    return (
        f"""<script>alert("{path}")</script>'"><img src=x onerror=y>{{{{ 7 * 7 }}}}"""
        if isinstance(value, str)
        else value
    )


def test_hostile_text_stays_text_wherever_it_stands(document: dict[str, Any]) -> None:
    html = html_of(hostile(document))
    page = Page(html)
    assert page.open == []
    assert list(page.asked_for()) == []
    assert "<script>alert(" in page.text("datasets")
    assert "{{ 7 * 7 }}" in page.text("datasets")


@pytest.mark.parametrize("value", ["<b>x</b>", None, 3])
def test_a_status_that_nobody_knows_is_shown_as_it_is(value: Any, document: dict[str, Any]) -> None:
    document["datasets"][0]["status"] = value
    document["datasets"][0]["issues"][0]["responsible"] = value
    page = page_of(document)
    assert str(value) in page.text("arrivals")


@pytest.mark.parametrize("empty", [{}, {"run": {}, "datasets": [], "marts": []}])
def test_a_run_that_ended_before_it_could_say_anything_still_has_a_page(empty: dict[str, Any]) -> None:
    html = html_of(empty)
    assert Page(html).open == []
    assert translate_key("pages.run.none", "en") in html
