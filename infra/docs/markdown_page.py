"""Parts of a Markdown page: tables, links and escaped text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MarkdownPage:
    """One generated page: its path below the site's source folder, and its text."""

    path: str
    text: str


def write_page(root: Path, page: MarkdownPage) -> Path:
    """Write ``page`` below ``root``; returns the file."""
    target = root / page.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page.text.rstrip() + "\n", encoding="utf-8")
    return target


def escape_text(text: object) -> str:
    """Text that Markdown and HTML show unchanged, on one line."""
    plain = " ".join(str(text).split())
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", plain)


def code_span(text: object) -> str:
    """Text in monospace; empty for None and empty text."""
    shown = " ".join(str("" if text is None else text).split())
    return f"`{shown}`".replace("|", "\\|") if shown else ""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with one line for each row; empty if there is no row. Cells are Markdown already."""
    body = ["| " + " | ".join(row) + " |" for row in rows]
    if not body:
        return ""
    return "\n".join(["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |", *body])


def facts_table(facts: Iterable[tuple[str, str]]) -> str:
    """A table of names and values; facts without a value are left out."""
    return markdown_table(("", ""), [(name, value) for name, value in facts if value])


def join_blocks(*blocks: str) -> str:
    """Blocks of Markdown with an empty line between them; empty blocks are left out."""
    return "\n\n".join(block for block in blocks if block)
