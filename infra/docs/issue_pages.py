"""A page for each issue type, and an index by scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from citylake.infra.docs.markdown_page import (
    MarkdownPage,
    code_span,
    escape_text,
    facts_table,
    join_blocks,
    markdown_table,
)
from citylake.schemas.words.issue_type import IssueType
from citylake.schemas.words.message_catalogue import issue_types

FOLDER = "reference/issues"


def issue_pages() -> Iterator[MarkdownPage]:
    """The index, then one page for each issue type."""
    types = issue_types()
    yield MarkdownPage(f"{FOLDER}/index.md", _index(types))
    for issue in types.values():
        yield MarkdownPage(f"{FOLDER}/{issue.code}.md", _page(issue))


def _index(types: Mapping[str, IssueType]) -> str:
    blocks = ["# Issue types", "What can be wrong, by scope. `supplier` and `lake` name who can correct it."]
    ordered = sorted(types.values(), key=lambda each: (each.scope, each.code))
    for scope, group in groupby(ordered, key=lambda each: each.scope):
        rows = [
            (f"[{code_span(each.code)}]({each.code}.md)", each.severity, each.responsible, escape_text(each.text.en))
            for each in group
        ]
        blocks += [f"## {scope}", markdown_table(("code", "severity", "corrected by", "message"), rows)]
    return join_blocks(*blocks)


def _page(issue: IssueType) -> str:
    facts = (
        ("scope", issue.scope),
        ("severity", issue.severity),
        ("corrected by", issue.responsible),
        ("quality dimension", issue.dimension),
    )
    return join_blocks(
        f"# {issue.code}",
        f"{escape_text(issue.text.zh)}{escape_text(issue.advice.zh)}",
        f"{escape_text(issue.text.en)} {escape_text(issue.advice.en)}",
        facts_table(facts),
        "Names in braces stand for the values of the case.",
    )
