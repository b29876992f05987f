from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from citylake.pipelines.site import Site
from citylake.pipelines.site.page_renderer import PageStyle, render_page
from citylake.schemas.words.message_catalogue import translate_key
from tests.pipelines.site.conftest import SECRET

_VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """Tags in balance, and what the page would ask for."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.foreign: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag in ("link", "img", "iframe", "form", "base", "object") or {"src", "style", "onclick"} & given.keys():
            self.foreign.append(tag)
        if tag in ("style", "script") and given.get("nonce") != "n0nce":
            self.foreign.append(f"{tag} without nonce")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Closed at once."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def documents(site: Site) -> dict[str, dict[str, Any]]:
    counts = site.dataset("traffic.counts")
    held, first = (batch["run"] for batch in counts["batches"])
    return {
        "overview": site.overview(),
        "dataset": counts,
        "run": site.run(first),
        "run held": site.run(held, ("dataset", "traffic.counts")),
        "run none": site.run("none"),
        "marts": site.marts(),
        "dataset never": site.dataset("water.gauge"),
        "fault": {"text": "<script>alert(1)</script>", "code": "LAKE_UNUSABLE"},
    }


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pages(site: Site, language: str) -> dict[str, str]:
    look = PageStyle(language, "Asia/Shanghai", "/air/citylake", "n0nce")
    return {
        name: render_page(name.split()[0], document, look, "x=1")  # type: ignore[arg-type]
        for name, document in documents(site).items()
    }


def test_pages_are_well_formed_and_ask_for_nothing_from_elsewhere(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        page = Page(html)
        assert (page.open, page.foreign) == ([], []), name
        assert not re.search(r"@import|url\((?!#)", html), name
        assert all(link.startswith(("/air/citylake/", "#", "?x=1&lang=")) for link in page.links), name


def test_what_departments_and_sources_wrote_is_text_and_never_markup(pages: dict[str, str]) -> None:
    for html in pages.values():
        assert not re.search(r"<b>counts|<b>流量|<i>x|<script>alert", html)
    assert "<i>x" in Page(pages["run"]).words
    assert "<script>alert" in Page(pages["fault"]).words


def test_a_page_speaks_one_language(pages: dict[str, str], language: str) -> None:
    words = Page(pages["overview"]).words
    other = "en" if language == "zh" else "zh"
    assert translate_key("pages.title", language) in words
    assert translate_key("pages.fresh", other) not in words
    assert f"?x=1&lang={other}" in Page(pages["overview"]).links


def test_late_and_held_are_marked_by_words_and_signs_and_not_by_colour_alone(
    pages: dict[str, str], language: str
) -> None:
    words = Page(pages["overview"]).words
    assert f"▲ {translate_key('pages.late', language)}" in words
    assert f"‖ {translate_key('report.status.held', language)}" in words
    assert "ROWS_TOO_FEW" in words
    assert translate_key("pages.status.never", language) in words


def test_a_batchs_page_says_why_it_is_held_and_what_to_do(pages: dict[str, str], language: str) -> None:
    words = Page(pages["run held"]).words
    assert translate_key("report.attention.dataset.held", language) in words
    assert translate_key("report.law.kept_held", language) in words


def test_personal_values_are_on_no_page(pages: dict[str, str], language: str) -> None:
    assert not [name for name, html in pages.items() if SECRET in html]
    assert translate_key("pages.fields.closed", language) in Page(pages["run"]).words


def test_an_overview_leads_to_every_dataset_and_its_last_batch(pages: dict[str, str]) -> None:
    links = Page(pages["overview"]).links
    assert {"/air/citylake/datasets/traffic.counts", "/air/citylake/datasets/water.gauge"} <= set(links)
    assert any(re.fullmatch(r"/air/citylake/runs/[^/?]+\?dataset=traffic\.counts", link) for link in links)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "—"), (5, "just now"), (119, "1 min ago"), (7199, "119 min ago"), (7200, "2 h ago"), (172_800, "2 d ago")],
)
def test_ages_are_told_in_the_unit_that_one_would_use(seconds: int | None, said: str) -> None:
    assert PageStyle("en").age(seconds) == said


def test_a_name_is_quoted_where_it_is_part_of_an_address() -> None:
    look = PageStyle(base="/citylake")
    assert look.to("runs", "a/b ?#é", dataset="x&y", mart=None) == "/citylake/runs/a%2Fb%20%3F%23%C3%A9?dataset=x%26y"
    assert look.to("") == "/citylake/"
