"""The site as readers get it: whole, and without a network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import citylake
from citylake.infra.docs.build_site import ROOT, render_site, site_nav
from citylake.infra.docs.repository_pages import external_links, repository_pages
from citylake.pipelines.commit.commit_batch import commit_staged_batch

RESOURCE = re.compile(
    r"<(?:link|script|img|iframe|source)\b[^>]*?\b(?:href|src)\s*=\s*[\"']?(?:https?:)?//[^\"'> ]+", re.I
)
IMPORT = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", re.I)


def test_every_page_of_the_repository_is_in_the_site(site: Path) -> None:
    pages = {name.removesuffix(".md") for name in repository_pages(ROOT)}
    missing = {
        name for name in pages - {"README"} if not (site / f"{name.replace('/README', '/index')}.html").is_file()
    }
    assert missing == set()
    assert (site / "index.html").is_file()


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 700
    found = {page.name: match[0] for page in pages if (match := RESOURCE.search(page.read_text(encoding="utf-8")))}
    assert found == {}


def test_no_style_sheet_loads_anything_from_another_host(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    assert [sheet.name for sheet in sheets if IMPORT.search(sheet.read_text(encoding="utf-8"))] == []


def test_the_reference_of_the_code_shows_docstrings(site: Path) -> None:
    page = (site / "reference/api/pipelines-commit.html").read_text(encoding="utf-8")
    assert "commit_staged_batch" in page
    assert (commit_staged_batch.__doc__ or "")[:24] in page
    public = (site / "reference/api/citylake.html").read_text(encoding="utf-8")
    assert (citylake.Connector.__doc__ or "")[:24] in public


def test_every_external_link_is_listed(site: Path) -> None:
    page = (site / "reference/links.html").read_text(encoding="utf-8")
    assert [address for address in external_links(ROOT) if address not in page] == []


@pytest.mark.parametrize("link", ["absent.md", "index.md#absent"])
def test_a_link_that_leads_nowhere_ends_the_build(link: str, tmp_path: Path) -> None:
    exceptions = pytest.importorskip("mkdocs.exceptions", reason="the extra docs is not installed")
    (tmp_path / "src/assets").mkdir(parents=True)
    (tmp_path / "src/index.md").write_text(f"# Home\n\n[there]({link})\n", encoding="utf-8")
    with pytest.raises(exceptions.Abort):
        render_site(tmp_path / "src", tmp_path / "site", nav=[{"Home": "index.md"}])


def test_every_guide_and_decision_is_in_the_navigation(tmp_path: Path) -> None:
    for name in repository_pages(ROOT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    shown = str(site_nav(tmp_path))
    assert [name for name in repository_pages(ROOT) if name != "README.md" and f"'{name}'" not in shown] == []
