"""The site's source folder and its navigation, and the build by MkDocs."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from citylake.infra.docs.api_pages import api_pages, copy_code
from citylake.infra.docs.code_list_pages import code_list_pages
from citylake.infra.docs.command_pages import command_pages
from citylake.infra.docs.connector_pages import connector_pages
from citylake.infra.docs.element_pages import element_pages
from citylake.infra.docs.function_pages import function_pages
from citylake.infra.docs.issue_pages import issue_pages
from citylake.infra.docs.markdown_page import MarkdownPage, join_blocks, write_page
from citylake.infra.docs.repository_pages import copy_pages, external_links
from citylake.schemas.base.pack_folders import builtin_packs
from citylake.schemas.read.registry import Registry, load_registry

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("mkdocs.yml")
GUIDES = (
    "add-a-source", "onboard", "elements", "contract", "sources", "lake", "api", "airflow", "production", "scale",
    "alerts", "lineage", "upkeep",
)  # fmt: skip
"""The order of the guides for a reader; others follow in alphabetical order."""
ASSETS = ("site.css", "iframe-worker.js")
REFERENCE = ("elements", "codes", "issues", "connectors", "formats", "functions", "commands", "api")


def write_sources(target: Path, root: Path = ROOT) -> None:
    """Write every page of the site below ``target``, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    copy_pages(root, target)
    for page in reference_pages(root):
        write_page(target, page)
    (target / "assets").mkdir(parents=True, exist_ok=True)
    for asset in ASSETS:
        shutil.copy(CONFIG.with_name(asset), target / "assets" / asset)


def reference_pages(root: Path = ROOT) -> Iterator[MarkdownPage]:
    """The generated pages."""
    vocabulary, city = load_vocabulary(), load_registry(root / "workspaces/demo")
    yield from element_pages(vocabulary, city)
    yield from code_list_pages(vocabulary)
    yield from issue_pages()
    yield from connector_pages()
    yield from function_pages()
    yield from command_pages()
    yield from api_pages(root)
    yield _links_page(root)


def load_vocabulary() -> Registry:
    """The elements, code lists and marts of every built-in pack."""
    with tempfile.TemporaryDirectory(prefix="citylake-docs-") as folder:
        Path(folder, "workspace.yaml").write_text(f"packs: [{', '.join(builtin_packs())}]\n", encoding="utf-8")
        return load_registry(Path(folder))


def site_nav(sources: Path) -> list[dict[str, Any]]:
    """Guides, decisions and reference; the pages of single elements, codes and issues are reached from their index."""
    guides = _named(sources, sorted(sources.glob("docs/*.md"), key=_guide_order))
    decisions = _named(
        sources, sorted(sources.glob("docs/decisions/*.md"), key=lambda each: (each.stem != "index", each))
    )
    beside = _named(
        sources, [sources / "infra/README.md", sources / "workspaces/README.md", sources / "benchmarks/README.md"]
    )
    reference = _named(sources, [sources / f"reference/{name}/index.md" for name in REFERENCE])
    return [
        {"Home": [{"citylake": "index.md"}, {"中文": "README.zh-CN.md"}]},
        {"Guides": guides + beside},
        {"Reference": [*reference, {"External links": "reference/links.md"}]},
        {"Decisions": decisions},
        {"Project": [{"Contributing": "CONTRIBUTING.md"}, {"Changelog": "CHANGELOG.md"}]},
    ]


def build_site(work: Path, *, strict: bool = True, root: Path = ROOT) -> Path:
    """Build the whole site below ``work``; returns its folder. Raises mkdocs' Abort if a link leads nowhere."""
    sources, site = work / "src", work / "site"
    write_sources(sources, root)
    copy_code(root, work / "code")
    return render_site(sources, site, nav=site_nav(sources), code=work / "code", strict=strict)


def render_site(
    sources: Path, site: Path, *, nav: list[dict[str, Any]], code: Path = ROOT, strict: bool = True
) -> Path:
    """Render ``sources`` with MkDocs; ``code`` holds the package that API pages describe. Raises mkdocs' Abort."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(CONFIG), docs_dir=str(sources), site_dir=str(site), strict=strict, nav=nav)
    config.plugins["mkdocstrings"].config["handlers"]["python"]["paths"] = [str(code)]
    config.plugins.run_event("startup", command="build", dirty=False)
    build(config)
    return site


def _guide_order(path: Path) -> tuple[int, str]:
    return (GUIDES.index(path.stem) if path.stem in GUIDES else len(GUIDES), path.stem)


def _named(sources: Path, paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [{_title(path): path.relative_to(sources).as_posix()} for path in paths if path.is_file()]


def _title(path: Path) -> str:
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].replace("`", "") if found else path.stem


def _links_page(root: Path) -> MarkdownPage:
    lines = [f"- <{address}>: {', '.join(pages)}" for address, pages in external_links(root).items()]
    return MarkdownPage(
        "reference/links.md",
        join_blocks(
            "# External links", "Addresses outside this site. The build requests none of them.", "\n".join(lines)
        ),
    )
