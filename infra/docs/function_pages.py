"""A page for each function that a mart's SQL may call, from the signatures that the function itself declares."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from citylake.infra.docs.markdown_page import MarkdownPage, code_span, escape_text, join_blocks, markdown_table
from citylake.pipelines.marts.functions.function_api import FunctionSet
from citylake.schemas.model.extension_registry import BUILT_IN_EXTENSIONS, load_extension

FOLDER = "reference/functions"


def function_sets() -> list[FunctionSet]:
    """The built-in sets of functions."""
    return [load_extension("citylake.functions", name) for name in BUILT_IN_EXTENSIONS["citylake.functions"]]


def function_pages() -> Iterator[MarkdownPage]:
    """The index, then one page for each function."""
    found = [(name, signature, each) for each in function_sets() for name, signature in each.signatures.items()]
    rows = [(f"[{code_span(name)}]({name}.md)", code_span(f"{name}{signature}")) for name, signature, _ in found]
    index = join_blocks("# Mart functions", markdown_table(("function", "signature"), rows))
    yield MarkdownPage(f"{FOLDER}/index.md", index)
    for name, signature, each in found:
        yield MarkdownPage(f"{FOLDER}/{name}.md", _page(name, signature, each))


def _page(name: str, signature: str, functions: FunctionSet) -> str:
    others = [f"[{code_span(other)}]({other}.md)" for other in functions.signatures if other != name]
    beside = f"Of the same set: {', '.join(others)}." if others else ""
    guide = "More functions: [extend](../../docs/extend.md)."
    call = f"```text\n{name}{signature}\n```"
    return join_blocks(f"# {escape_text(name)}", call, inspect.getdoc(functions) or "", beside, guide)
