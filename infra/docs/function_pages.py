"""A page for each function that a mart's SQL may call, as its function set declares it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from citylake.infra.docs.markdown_page import MarkdownPage, code_span, escape_text, join_blocks, markdown_table
from citylake.pipelines.marts.functions.function_api import FunctionSet
from citylake.schemas.model.extension_registry import BUILT_IN_EXTENSIONS, load_extension

FOLDER = "reference/functions"


def function_names() -> list[str]:
    """The names of all functions."""
    return sorted(name for each in _function_sets() for name in each.signatures)


def function_pages() -> Iterator[MarkdownPage]:
    """The index, then one page for each function."""
    found = [(name, each) for each in _function_sets() for name in each.signatures]
    rows = [(f"[{code_span(name)}]({name}.md)", escape_text(_summary(each))) for name, each in sorted(found, key=_name)]
    index = join_blocks("# Functions for marts", markdown_table(("function", "what it is"), rows))
    yield MarkdownPage(f"{FOLDER}/index.md", index)
    for name, each in found:
        yield MarkdownPage(f"{FOLDER}/{name}.md", _page(name, each))


def _function_sets() -> list[FunctionSet]:
    return [load_extension("citylake.functions", name) for name in BUILT_IN_EXTENSIONS["citylake.functions"]]


def _name(found: tuple[str, FunctionSet]) -> str:
    return found[0]


def _page(name: str, functions: FunctionSet) -> str:
    parameters, _, result = functions.signatures[name].partition(" -> ")
    table = markdown_table(("call", "result"), [(code_span(f"{name}{parameters}"), code_span(result))])
    return join_blocks(f"# {name}", table, inspect.getdoc(functions) or "")


def _summary(functions: FunctionSet) -> str:
    return (inspect.getdoc(functions) or "").partition("\n")[0]
