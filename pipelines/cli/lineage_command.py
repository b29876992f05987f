"""``citylake lineage``: shows the upstream and downstream columns of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from rich.tree import Tree

    from citylake.pipelines.lineage.column_tracer import TraceNode


def cli_lineage(
    context: typer.Context,
    column: Annotated[str, typer.Argument(help="Name as dataset.column or mart.table.column.")],
    as_json: JsonOption = False,
) -> int:
    """Show the origin of a column and the marts that use it.

    Upstream, the tree goes down to the fields of the sources; downstream, it lists every affected mart column.
    """
    from citylake.pipelines.context import new_run, run_variables
    from citylake.pipelines.lineage.column_tracer import ColumnTracer

    shared: SharedOptions = context.obj
    registry = shared.registry()
    tracer = ColumnTracer(registry, run_variables(registry, new_run()))
    source = tracer.find(column)
    above, below = tracer.above(source), [".".join(filter(None, touch)) for touch in tracer.below(source)]
    if as_json:
        print_json({"column": column, "upstream": [_node_document(node) for node in above], "downstream": below})
    else:
        _print_lineage(column, above, below)
    return 0


def _node_document(node: TraceNode) -> dict[str, Any]:
    document: dict[str, Any] = {"field" if node.sources else "column": node.name, "ways": list(node.ways)}
    if node.note:
        document["note"] = node.note.model_dump()
    if node.sources:
        return document | {"sources": [{"namespace": one.namespace, "name": one.name} for one in node.sources]}
    return document | {"upstream": [_node_document(each) for each in node.above]}


def _print_lineage(column: str, above: tuple[TraceNode, ...], below: list[str]) -> None:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(column, "bold"))
    upstream = tree.add(translate_key("lineage.comes_from") if above else translate_key("lineage.comes_from_nothing"))
    for node in above:
        _add_branches(upstream, node)
    downstream = tree.add(translate_key("lineage.goes_into") if below else translate_key("lineage.goes_into_nothing"))
    for name in below:
        downstream.add(name)
    make_console().print(tree)


def _add_branches(tree: Tree, node: TraceNode) -> None:
    from rich.text import Text

    ways = ", ".join(translate_key(f"lineage.way_{way.lower()}") for way in node.ways)
    note = f": {node.note.say(current_language())}" if node.note else ""
    places = "".join(f"  {_source_location(one.namespace, one.name)}" for one in node.sources)
    branch = tree.add(Text.assemble(node.name, "  ", (f"{ways}{note}{places}", "dim")))
    for each in node.above:
        _add_branches(branch, each)


def _source_location(namespace: str, name: str) -> str:
    return name if namespace == "file" else f"{namespace}/{name.lstrip('/')}"
