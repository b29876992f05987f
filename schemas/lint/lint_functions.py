"""Functions in the SQL of marts: each is one of DuckDB's, or one that an installed package declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.extension_registry import broken_extension, extension_names, load_extension
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.spatial_names import spatial_functions
from citylake.schemas.sql.sql_columns import unrecognized_functions
from citylake.schemas.words.errors import CitylakeError


def check_functions(registry: Registry) -> Iterator[LintFault]:
    """FUNCTION_UNKNOWN for every call of a function that no package declares, and faults of the packages.

    A package that does not load is a warning: it is an error only of a mart that calls one of its functions.
    """
    place = YamlLocation(registry.workspace.root / "workspace.yaml")
    declared: set[str] = set()
    for name in extension_names("citylake.functions"):
        try:
            declared |= set(_signatures(name))
        except CitylakeError as error:
            why = {language: error.say(language) for language in ("zh", "en")}
            yield LintFault("FUNCTIONS_SKIPPED", place, {"name": name, "why": why})
    for mart in registry.marts.values():
        folder = registry.places["mart", mart.mart].path.parent
        for table in mart.tables:
            yield from _unknown_functions(folder / f"{table}.sql", declared)


def _signatures(name: str) -> Mapping[str, str]:
    found = load_extension("citylake.functions", name)
    declared = getattr(found, "signatures", None)
    if not isinstance(declared, Mapping):
        raise broken_extension("citylake.functions", name, type(found), "it has no signatures")
    return declared


def _unknown_functions(path: Path, declared: set[str]) -> Iterator[LintFault]:
    if not path.exists():
        return
    select = path.read_text(encoding="utf-8", errors="replace")
    for name in sorted(unrecognized_functions(select) - declared):
        if name in duckdb_functions() or name in spatial_functions():
            continue
        near = nearest_words(name, (*declared, *duckdb_functions()))
        call = re.compile(rf"\b{re.escape(name)}\s*\(", re.IGNORECASE)
        line = next((number for number, text in enumerate(select.splitlines(), 1) if call.search(text)), 1)
        yield LintFault("FUNCTION_UNKNOWN", YamlLocation(path), {"name": name, "suggestion": near}, line)


@cache
def duckdb_functions() -> frozenset[str]:
    """The names of DuckDB's own functions, in small letters: a list, because importing DuckDB is slow."""
    listed = files("citylake.schemas.sql").joinpath("duckdb_functions.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())
