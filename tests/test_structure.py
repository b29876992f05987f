"""Limits on the structure of the code: what a listing shows, what imports what, and which names can be found."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("dags", "infra", "pipelines", "quality", "schemas")
SPLIT = ("pipelines", "schemas")
"""Folders whose packages are layers of their own."""
Modules = Mapping[str, ast.Module]


@pytest.fixture(scope="module")
def modules() -> Modules:
    """Every module's syntax tree by its import name."""
    files = [file for top in CODE for file in (ROOT / top).rglob("*.py")]
    return {_import_name(file): ast.parse(file.read_text("utf-8")) for file in files}


def _import_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(("citylake", *(parts[:-1] if parts[-1] == "__init__" else parts)))


def _imports(name: str, tree: ast.Module, modules: Modules) -> Iterator[str]:
    """Modules that a module imports anywhere, also in functions and for type checking."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in modules:
                    yield whole
                elif node.module in modules:
                    yield str(node.module)


def _doors(top: str = "pipelines") -> tuple[list[str], list[str]]:
    """The loose modules and the packages of a folder."""
    loose = [file.stem for file in (ROOT / top).glob("*.py") if file.stem != "__init__"]
    return loose, [file.parent.name for file in (ROOT / top).glob("*/__init__.py")]


def _public_functions(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def test_the_listing_of_pipelines_is_short() -> None:
    loose, packages = _doors()
    assert len(loose) <= 4
    assert len(loose) + len(packages) <= 26


def test_every_package_says_in_one_sentence_what_it_holds(modules: Modules) -> None:
    packages = [_import_name(file) for top in CODE for file in (ROOT / top).rglob("__init__.py")]
    assert [name for name in packages if not ast.get_docstring(modules[name])] == []


def test_the_layers_name_every_package() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = contracts
    named = [name.strip() for line in contract["layers"] for name in line.split("|")]
    doors = {f"citylake.{top}.{name}" for top in SPLIT for names in _doors(top) for name in names}
    assert sorted(named) == sorted({*doors, *(f"citylake.{top}" for top in CODE if top not in SPLIT)})


def test_packages_import_each_other_in_no_circle(modules: Modules) -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules.items():
        graph[_package(name)] |= {_package(other) for other in _imports(name, tree, modules)} - {_package(name)}
    assert "citylake.pipelines.lake" in graph["citylake.pipelines.flow"]
    TopologicalSorter(graph).prepare()  # raises CycleError


def _package(name: str) -> str:
    """The package at depth 2 that a module is in, such as ``citylake.pipelines.lake``."""
    return ".".join(name.split(".")[:3])


def test_few_public_functions_share_a_name(modules: Modules) -> None:
    counted = Counter(name for tree in modules.values() for name in _public_functions(tree))
    shared = {name: count for name, count in counted.items() if count > 1}
    assert sum(shared.values()) < 0.15 * sum(counted.values()), shared


def test_few_files_are_called_step(modules: Modules) -> None:
    assert sum(name.endswith(".step") for name in modules) <= 3
