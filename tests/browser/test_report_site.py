"""The report site in Chromium, from its files: charts, links, tables, accessibility, phone, dark mode and print."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from citylake.pipelines.site.report.build_report import build_report
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.pipelines.site.conftest import FIRST, SHORT, declared
from tests.thorough import THOROUGH
from tests.trial import Trial

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Look = tuple[str, Literal["light", "dark"]]
SIZES = {"desktop": (1300, 900), "phone": (390, 844)}
PAGES = (
    "index", "departments/市交通运输局", "datasets/traffic.counts", "datasets/person.register", "marts", "marts/counts",
    "elements", "elements/traffic.flow", "silo", "runs",
)  # fmt: skip
WITH_CHARTS = {"index": 1, "departments/市交通运输局": 1, "datasets/traffic.counts": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with charts: two days of data, a held batch, refused rows, a published mart."""
    pytest.importorskip("vl_convert", reason="the extra report is not installed")
    trial = declared(Trial(tmp_path_factory.mktemp("lake")))
    (trial.root / "counts/1.csv").write_text(FIRST + "2026-03-02 09:00,D1,30\n", "utf-8")
    (trial.root / "people/1.csv").write_text("id\n11010519491231002X\n11010519491231002Y\n", "utf-8")
    trial.run()
    (trial.root / "counts/2.csv").write_text(SHORT, "utf-8")
    trial.run(datasets=["traffic.counts"])
    target = tmp_path_factory.mktemp("site")
    build_report(trial.lake, load_valid_registry(trial.root / "workspace"), str(target))
    return target


@dataclass
class Tab:
    """A page that notes what it says in its console, and what it requests beyond its own files."""

    page: Page
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type != "log" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))

    def _request(self, url: str) -> None:
        if not url.startswith((self.folder.as_uri(), "data:", "blob:")):
            self.complaints.append(f"request: {url}")

    def open(self, name: str, language: str = "en") -> None:
        self.page.goto((self.folder / language / f"{name}.html").as_uri())
        for number in range(self.page.locator(".vega").count()):
            self.page.locator(".vega").nth(number).locator("svg").wait_for(timeout=20_000)


@pytest.fixture
def tab(chromium: Browser, folder: Path, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab of the size and colour scheme that the test names; it must end without complaint.

    CITYLAKE_SCREENSHOTS names a folder for its last screenshot.
    """
    look: Look = getattr(request, "param", ("desktop", "light"))
    size, scheme = look
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    found = Tab(context.new_page(), folder)
    yield found
    if shots := os.environ.get("CITYLAKE_SCREENSHOTS"):
        name = request.node.name.replace("/", "_")
        found.page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)
    context.close()
    assert found.complaints == []


def faults(page: Page) -> list[str]:
    """The serious and critical findings of axe-core."""
    package = find_spec("axe_playwright_python")
    assert package is not None
    assert package.origin is not None
    page.evaluate(Path(package.origin).with_name("axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


RUNS_BACKWARDS = """row => row.cells.length > 1
    && row.cells[0].getBoundingClientRect().left > row.cells[1].getBoundingClientRect().left"""
LOOKS: list[Look] = [("phone", "dark"), ("phone", "light"), ("desktop", "light"), ("desktop", "dark")]
USUAL = [(name, LOOKS[number % 2]) for number, name in enumerate(PAGES)]
USUAL += [(name, LOOKS[2 + number % 2]) for number, name in enumerate(WITH_CHARTS)]
"""Every page where there is least room, in one of the schemes; those with charts in the other size too."""
LOOKED_AT = [(name, look) for name in PAGES for look in LOOKS] if THOROUGH else USUAL


@pytest.mark.parametrize(
    ("name", "tab"), LOOKED_AT, indirect=["tab"], ids=["-".join((name, *look)) for name, look in LOOKED_AT]
)
def test_a_page_fits_and_has_no_serious_fault_of_accessibility(tab: Tab, name: str) -> None:
    tab.open(name)
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.page.evaluate(f"[...document.querySelectorAll('thead tr')].filter({RUNS_BACKWARDS}).length") == 0
    assert faults(tab.page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_are_drawn_and_each_has_its_numbers_as_a_table(tab: Tab, language: str) -> None:
    for name, least in WITH_CHARTS.items():
        tab.open(name, language)
        charts = tab.page.locator(".chart-box")
        assert charts.count() >= least, name
        for number in range(charts.count()):
            chart = charts.nth(number)
            assert chart.locator("svg path, svg rect").count() > 0
            assert chart.locator("[role=img]").get_attribute("aria-label")
            assert tab.page.locator("section:has(.chart-box)").nth(number).locator("table").count() > 0


def test_every_link_on_the_overview_opens_a_page(tab: Tab) -> None:
    tab.open("index")
    links = tab.page.locator("a[href$='.html']").evaluate_all("all => [...new Set(all.map(link => link.href))]")
    assert len(links) > 8
    for link in links:
        tab.page.goto(link)
        assert tab.page.locator("h1").count() == 1, link


def test_a_number_opens_its_sql(tab: Tab) -> None:
    tab.open("index")
    tile = tab.page.locator(".tile").first
    assert not tile.locator("pre").first.is_visible()
    tile.locator("summary").click()
    assert "FROM batches" in tile.locator("pre").first.inner_text()


def test_a_table_is_sorted_by_the_column_that_is_clicked_and_filtered_by_text(tab: Tab) -> None:
    tab.open("elements")
    names = tab.page.locator("table.sortable tbody tr:visible td:first-child")
    tab.page.locator("th button").first.click()
    upward = names.all_inner_texts()
    tab.page.locator("th button").first.click()
    assert names.all_inner_texts() == upward[::-1]
    if tab.page.locator("input.filter").count():
        tab.page.locator("input.filter").fill(upward[0])
        assert names.all_inner_texts() == [upward[0]]


def test_the_other_language_is_the_same_page(tab: Tab) -> None:
    tab.open("datasets/traffic.counts")
    tab.page.get_by_role("link", name="中文").click()
    tab.page.wait_for_url("**/zh/datasets/traffic.counts.html")
    assert tab.page.locator("html").get_attribute("lang") == "zh"


def test_printed_the_page_is_light_and_has_no_controls(tab: Tab) -> None:
    tab.page.emulate_media(media="print", color_scheme="dark")
    tab.open("index")
    assert tab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.page.locator("#needs article").count() > 0
    assert not tab.page.locator("summary:text('Show the SQL')").first.is_visible()
    assert not tab.page.locator(".command button").first.is_visible()
