"""``citylake lineage``: where a column comes from, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import current_language, word

if TYPE_CHECKING:
    from rich.tree import Tree

    from pipelines.lineage.trace import Node


def lineage(
    context: typer.Context,
    column: Annotated[str, typer.Argument(help="dataset.column, or mart.table.column.")],
    as_json: Json = False,
) -> int:
    """Where a column comes from, down to its sources' fields, and which marts change with it."""
    from pipelines.context import new_run, variables
    from pipelines.lineage.trace import Tracer

    shared: Shared = context.obj
    registry = shared.registry()
    tracer = Tracer(registry, variables(registry, new_run()))
    source = tracer.find(column)
    above, below = tracer.above(source), [".".join(filter(None, touch)) for touch in tracer.below(source)]
    if as_json:
        print_json({"column": column, "upstream": [_described(node) for node in above], "downstream": below})
    else:
        _print(column, above, below)
    return 0


def _described(node: Node) -> dict[str, Any]:
    told: dict[str, Any] = {"field" if node.sources else "column": node.name, "ways": list(node.ways)}
    if node.note:
        told["note"] = node.note.model_dump()
    if node.sources:
        return told | {"sources": [{"namespace": one.namespace, "name": one.name} for one in node.sources]}
    return told | {"upstream": [_described(each) for each in node.above]}


def _print(column: str, above: tuple[Node, ...], below: list[str]) -> None:
    from rich.tree import Tree

    tree = Tree(f"[bold]{column}[/]")
    upstream = tree.add(word("lineage.comes_from") if above else word("lineage.comes_from_nothing"))
    for node in above:
        _grow(upstream, node)
    downstream = tree.add(word("lineage.goes_into") if below else word("lineage.goes_into_nothing"))
    for name in below:
        downstream.add(name)
    console().print(tree)


def _grow(tree: Tree, node: Node) -> None:
    from rich.markup import escape

    ways = ", ".join(word(f"lineage.way_{way.lower()}") for way in node.ways)
    note = f": {node.note.say(current_language())}" if node.note else ""
    places = "".join(f"  [dim]{escape(_where(one.namespace, one.name))}[/]" for one in node.sources)
    branch = tree.add(f"{escape(node.name)}  [dim]{ways}{escape(note)}[/]{places}")
    for each in node.above:
        _grow(branch, each)


def _where(namespace: str, name: str) -> str:
    return name if namespace == "file" else f"{namespace}/{name.lstrip('/')}"
