"""A page for each function that a mart's SQL may call, as DuckDB itself describes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import duckdb

from citylake.infra.docs.markdown_page import MarkdownPage, code_span, escape_text, join_blocks, markdown_table
from citylake.pipelines.marts.functions.sql_functions import register_sql_functions

FOLDER = "reference/functions"
_NAMES = "SELECT DISTINCT function_name FROM duckdb_functions()"


def function_names() -> list[str]:
    """The functions that exist only after registration; names with a leading ``_`` are internal."""
    with duckdb.connect() as connection:
        before = {name for (name,) in connection.execute(_NAMES).fetchall()}
        register_sql_functions(connection, "Asia/Shanghai")
        after = {name for (name,) in connection.execute(_NAMES).fetchall()}
    return sorted(name for name in after - before if not name.startswith("_"))


def function_pages() -> Iterator[MarkdownPage]:
    """The index, then one page for each function."""
    names = function_names()
    notes = _descriptions()
    rows = [(f"[{code_span(name)}]({name}.md)", escape_text(notes.get(name, ""))) for name in names]
    index = join_blocks("# Functions for marts", markdown_table(("function", "parameters"), rows))
    yield MarkdownPage(f"{FOLDER}/index.md", index)
    for name in names:
        yield MarkdownPage(f"{FOLDER}/{name}.md", _page(name))


def _page(name: str) -> str:
    with duckdb.connect() as connection:
        register_sql_functions(connection, "Asia/Shanghai")
        sql = "SELECT parameters, return_type FROM duckdb_functions() WHERE function_name = ? ORDER BY len(parameters)"
        found = connection.execute(sql, [name]).fetchall()
    rows = [(code_span(f"{name}({', '.join(parameters)})"), code_span(kind)) for parameters, kind in found]
    return join_blocks(
        f"# {name}", markdown_table(("call", "result"), rows), inspect.getdoc(register_sql_functions) or ""
    )


def _descriptions() -> dict[str, str]:
    """The sentences of the registering function's docstring, by the function's name."""
    text = inspect.getdoc(register_sql_functions) or ""
    lines = (line for line in text.splitlines() if line.startswith("``"))
    return {line.partition("(")[0].strip("`"): line.replace("``", "") for line in lines}
