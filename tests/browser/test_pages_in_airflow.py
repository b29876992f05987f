"""The lake's pages within Airflow's, as a user sees them in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from citylake.schemas.words.message_catalogue import translate_key
from tests.browser.conftest import Served

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, FrameLocator, Page


@pytest.fixture
def page(operator: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab without errors in its console. CITYLAKE_SCREENSHOTS names a folder for its last screenshot."""
    found, complaints = operator.new_page(), []
    found.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    found.on("pageerror", lambda error: complaints.append(str(error)))
    yield found
    if folder := os.environ.get("CITYLAKE_SCREENSHOTS"):
        found.screenshot(path=Path(folder) / f"{request.node.name}.png")
    found.close()
    assert complaints == []


def lake(page: Page) -> FrameLocator:
    """The content of Airflow's frame."""
    return page.frame_locator("iframe[title='City lake']")


def test_city_lake_is_in_the_navigation_and_shows_every_dataset(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="City lake").click()
    board = lake(page).locator("#datasets")
    board.get_by_text("traffic <b>counts").wait_for()
    assert board.locator("tbody").count() == 3
    assert board.get_by_text("▲ late").count() == 1
    row = board.locator("tr", has_text="traffic.counts").first
    assert "held" in row.inner_text()
    assert lake(page).get_by_text("ROWS_TOO_FEW").count() == 1


def test_numbers_stand_at_the_right_and_nothing_is_wider_than_the_page(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/citylake/")
    align = "cells => [...new Set(cells.map(cell => getComputedStyle(cell).textAlign))]"
    assert page.locator("#datasets .n").evaluate_all(align) == ["right"]
    for path in ("/", "/datasets/traffic.counts", "/marts"):
        page.goto(f"{served.url}/citylake{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_one_goes_from_the_overview_to_a_dataset_and_to_a_batch(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/plugin/citylake")
    lake(page).get_by_role("link", name="traffic <b>counts").click()
    lake(page).get_by_role("heading", name=translate_key("pages.batches", "en", count=2)).wait_for()
    lake(page).locator("#batches tbody tr td a").last.click()
    lake(page).get_by_text("<i>x").wait_for()
    assert lake(page).get_by_text(translate_key("report.law.kept", "en")).count() == 1


def test_a_dag_run_leads_to_its_batch(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/dags/dataset.traffic.counts/runs/{served.runs['held']}")
    # By its address: the navigation has a link of the same name, which stands there before the run's own tab does.
    page.locator("a[href$='/plugin/citylake-run']").click()
    lake(page).get_by_text("ROWS_TOO_FEW").first.wait_for()
    assert lake(page).get_by_text(translate_key("report.attention.dataset.held", "en")).count() == 1
    assert lake(page).get_by_text("person.register").count() == 0


def test_a_marts_run_leads_to_its_version(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/dags/mart.counts/runs/{served.runs['mart']}/plugin/citylake-run")
    lake(page).get_by_role("heading", name="counts by day").wait_for()
    assert lake(page).get_by_text("device_day").count() == 1


def test_a_dag_leads_to_its_dataset(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/dags/dataset.person.register/plugin/citylake-dag")
    lake(page).get_by_role("heading", name="register of persons").wait_for()


def test_a_language_that_was_chosen_stays(page: Page, served: Served, operator: BrowserContext) -> None:
    page.goto(f"{served.url}/plugin/citylake")
    lake(page).get_by_role("link", name="中文").click()
    lake(page).get_by_role("heading", name="城市数据湖").wait_for()
    lake(page).get_by_role("link", name="人员名册").click()
    lake(page).get_by_text("市公安局").first.wait_for()
    operator.clear_cookies(name="citylake_language")


def test_the_pages_are_as_dark_as_airflow_is(page: Page, served: Served) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = []
    for theme in ("light", "dark"):
        page.goto(f"{served.url}/citylake/")
        page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        page.goto(f"{served.url}/plugin/citylake")
        lake(page).locator("#datasets").wait_for()
        frame = next(frame for frame in page.frames if "/citylake/" in frame.url and frame != page.main_frame)
        seen.append(frame.evaluate(ground))
    page.evaluate("localStorage.removeItem('theme')")
    assert seen == ["rgb(250, 249, 246)", "rgb(20, 24, 27)"]
