"""Pages for people name code that exists; decisions have three parts."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
GROUPS = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"])
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
NAME = re.compile(r"\bcitylake(?:\.[a-z][a-z_0-9]*)+(?:\.[A-Za-z]\w*)?")
SUFFIXES = (".md", ".yaml", ".yml", ".tar", ".example")


def _exists(name: str) -> bool:
    """Whether ``name`` is a module, or a public name of one."""
    module, _, member = name.rpartition(".")
    try:
        if find_spec(name) is not None:
            return True
    except ModuleNotFoundError:
        pass
    found = find_spec(module)
    text = Path(found.origin).read_text(encoding="utf-8") if found and found.origin else ""
    # A name is defined, or imported on a line with others or on a line of its own.
    defined = rf"^(?:(?:async )?def|class) {member}\b|^{member}\b|import .*\b{member}\b|^ +{member},$"
    return re.search(defined, text, re.MULTILINE) is not None


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_code_that_a_page_names_exists(page: Path) -> None:
    names = {name for name in NAME.findall(page.read_text(encoding="utf-8")) if not name.endswith(SUFFIXES)}
    assert {name for name in names - GROUPS if not _exists(name)} == set()


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_states_context_choice_and_consequence(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "Consequence"]
    assert text.startswith(f"# {page.name[:4]} ")
    assert len(text.splitlines()) < 60


def test_the_index_lists_every_decision_once_in_order() -> None:
    listed = re.findall(r"\((0[^)]+\.md)\)", (DOCS / "decisions/index.md").read_text(encoding="utf-8"))
    assert listed == [page.name for page in DECISIONS]
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
