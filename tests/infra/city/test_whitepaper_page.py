"""The pages of the white paper's city say what the declarations say."""

from __future__ import annotations

import pytest

from citylake.infra.city.whitepaper.whitepaper_page import PAGES, whitepaper_page
from tests.declared import DEMO

DOCS = DEMO.parents[1] / "docs"


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_the_one_that_the_systems_make(language: str) -> None:
    written = (DOCS / PAGES[language]).read_text("utf-8")
    assert written == whitepaper_page(language), "run: python -m citylake.infra.city whitepaper-pages"
