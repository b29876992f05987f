"""``citylake elements list`` and ``show``: the data elements of the workspace."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import current_language, translate_key

app = typer.Typer(help="List, show, search, draft, import or export data elements.", rich_markup_mode=None)


@app.command("list")
def cli_list_elements(context: typer.Context, as_json: JsonOption = False) -> int:
    """List every data element of the workspace."""
    shared: SharedOptions = context.obj
    registry = shared.registry()
    elements = [registry.elements[name] for name in sorted(registry.elements)]
    if as_json:
        from citylake.schemas.read.element_search import describe_element

        print_json([describe_element(element, registry) for element in elements])
        return 0
    from rich.table import Table

    table = Table(*(translate_key(f"run.{name}") for name in ("element", "symbol", "name", "type", "unit")))
    for element in elements:
        name = element.name.say(current_language())
        table.add_row(element.id, element.symbol, name, element.type, element.unit or "")
    make_console().print(table)
    return 0


@app.command("show")
def cli_show_element(
    context: typer.Context,
    element: Annotated[str, typer.Argument(help="Id of the element, such as traffic.mean_speed.")],
    as_json: JsonOption = False,
) -> int:
    """Show one data element: its attributes, its codes, and the contracts that bind it."""
    from citylake.schemas.read.element_search import describe_element, find_element

    shared: SharedOptions = context.obj
    registry = shared.registry()
    described = describe_element(find_element(element, registry), registry)
    if as_json:
        print_json(described)
    else:
        _print_element(described)
    return 0


def _print_element(described: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for key, value in described.items():
        if value not in (None, [], {}, ()):
            table.add_row(Text(key, "bold"), _format_value(value))
    make_console().print(table)


def _format_value(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(
            f"{key}: {_format_value(inner)}" for key, inner in value.items() if inner not in (None, [], {})
        )
    if isinstance(value, list):
        return (
            "\n".join(_format_value(item) for item in value)
            if any(isinstance(item, dict) for item in value)
            else ", ".join(map(str, value))
        )
    return str(value)
