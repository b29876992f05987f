"""A page for each code list, and an index."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.infra.docs.element_pages import pack_of
from citylake.infra.docs.markdown_page import (
    MarkdownPage,
    code_span,
    escape_text,
    facts_table,
    join_blocks,
    markdown_table,
)
from citylake.schemas.model.code_list import CodeList, CodeValue
from citylake.schemas.read.registry import Registry

FOLDER = "reference/codes"


def code_list_pages(registry: Registry) -> Iterator[MarkdownPage]:
    """The index, then one page for each code list."""
    lists = sorted(registry.codes.values(), key=lambda each: each.id)
    rows = [
        (f"[{code_span(each.id)}]({each.id}.md)", escape_text(each.name.zh), escape_text(each.name.en), _size(each))
        for each in lists
    ]
    index = join_blocks("# Code lists", markdown_table(("code list", "名称", "name", "values"), rows))
    yield MarkdownPage(f"{FOLDER}/index.md", index)
    users = {each.codes: each.id for each in registry.elements.values() if each.codes}
    for codes in lists:
        yield MarkdownPage(
            f"{FOLDER}/{codes.id}.md", _page(codes, pack_of(registry, "codes", codes.id), users.get(codes.id))
        )


def _size(codes: CodeList) -> str:
    return str(len(codes.values)) if codes.table is None else code_span(codes.table.dataset)


def _page(codes: CodeList, pack: str, element: str | None) -> str:
    columns = ("code", "名称", "name", "aliases", "valid", "successors")
    return join_blocks(
        f"# {codes.id}",
        f"**{escape_text(codes.name.zh)}** · {escape_text(codes.name.en)}",
        facts_table([("pack", code_span(pack)), *_facts(codes, element)]),
        markdown_table(columns, [_row(each) for each in codes.values]),
    )


def _facts(codes: CodeList, element: str | None) -> Iterator[tuple[str, str]]:
    yield "standard", escape_text(codes.standard or "")
    yield "editions", escape_text(", ".join(each.edition for each in codes.editions))
    yield "values are the rows of", code_span(codes.table.dataset) if codes.table else ""
    ranges = (f"{each.first} to {each.last} ({each.name.en})" for each in codes.extensible)
    yield "a city may add", escape_text(", ".join(ranges))
    yield "note", escape_text(codes.note or "")
    yield "element", f"[{code_span(element)}](../elements/{element}.md)" if element else ""


def _row(value: CodeValue) -> tuple[str, ...]:
    valid = f"{value.valid_from or '…'} to {value.valid_to or '…'}" if value.valid_from or value.valid_to else ""
    return (
        code_span(value.code),
        escape_text(value.name.zh),
        escape_text(value.name.en),
        escape_text(", ".join(value.aliases)),
        valid,
        ", ".join(code_span(each) for each in value.successors),
    )
