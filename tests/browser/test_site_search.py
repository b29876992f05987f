"""The documentation site as a reader opens it from a folder: its search works without a server or a network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
    from citylake.infra.docs.build_site import ASSETS, CONFIG, render_site

    sources = tmp_path / "src"
    (sources / "assets").mkdir(parents=True)
    for asset in ASSETS:
        shutil.copy(CONFIG.with_name(asset), sources / "assets" / asset)
    (sources / "index.md").write_text("# Home\n\nWelcome.\n", encoding="utf-8")
    (sources / "lease.md").write_text("# Leases\n\nA reader leaves a periwinkle here.\n", encoding="utf-8")
    return render_site(sources, tmp_path / "site", nav=[{"Home": "index.md"}, {"Leases": "lease.md"}])


def test_search_finds_a_page_that_was_opened_from_a_folder(chromium: Browser, small_site: Path) -> None:
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(20_000)
    page, requested = context.new_page(), []
    page.on("request", lambda request: requested.append(request.url))
    page.goto((small_site / "index.html").as_uri())
    # Key by key: the page searches when a key is released.
    page.get_by_role("textbox", name="Search").press_sequentially("periwinkle")
    result = page.locator(".md-search-result__item").first
    result.wait_for()
    assert "Leases" in result.inner_text()
    assert [url for url in requested if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    context.close()
