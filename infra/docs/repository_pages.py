"""The repository's own Markdown pages, copied to the site's source folder with the files that they link to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

HOME = {"README.md": "index.md"}
FLOW_IMAGES = {"README.md": "docs/images/flow.svg", "README.zh-CN.md": "docs/images/flow-zh.svg"}
_LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")
_EXTERNAL = re.compile(r"\]\((https?://[^)\s]+)\)")
_MERMAID = re.compile(r"```mermaid\n.*?```", re.DOTALL)


def repository_pages(root: Path) -> list[str]:
    """Paths of the pages, from the root: the READMEs, the guides, and the pages beside them."""
    fixed = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")
    folders = ("infra", "workspaces", "benchmarks")
    beside = [f"{name}/README.md" for name in folders]
    guides = [path.relative_to(root).as_posix() for path in sorted((root / "docs").rglob("*.md"))]
    return [*fixed, *(each for each in beside if (root / each).is_file()), *guides]


def copy_pages(root: Path, target: Path) -> None:
    """Copy every page, and every file that a page links to, under the same relative paths."""
    pages = repository_pages(root)
    for name in pages:
        text = (root / name).read_text(encoding="utf-8")
        written = target / HOME.get(name, name)
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(_for_site(name, text), encoding="utf-8")
        for linked in _linked_files(root, name, text):
            if linked not in pages:
                (target / linked).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / linked, target / linked)


def external_links(root: Path) -> dict[str, list[str]]:
    """Every external address that a page links to, with the pages; none is requested."""
    found: dict[str, list[str]] = {}
    for name in repository_pages(root):
        for address in dict.fromkeys(_EXTERNAL.findall((root / name).read_text(encoding="utf-8"))):
            found.setdefault(address, []).append(name)
    return dict(sorted(found.items()))


def _for_site(name: str, text: str) -> str:
    """Diagrams as an image: Mermaid's script would be fetched from another host. The README is the home page."""
    text = _MERMAID.sub(f"![flow]({FLOW_IMAGES.get(name)})", text)
    return re.sub(r"(\]\((?:\.\./)*)README\.md\b", r"\1index.md", text)


def _linked_files(root: Path, name: str, text: str) -> Iterator[str]:
    for link in dict.fromkeys(_LINK.findall(text)):
        path = (root / name).parent.joinpath(link).resolve()
        if path.is_file():
            yield path.relative_to(root.resolve()).as_posix()
    if name in FLOW_IMAGES:
        yield FLOW_IMAGES[name]
