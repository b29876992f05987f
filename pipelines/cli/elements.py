"""``citylake elements``: the registry of data elements."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import current_language, word

app = typer.Typer(help="The registry of data elements.", rich_markup_mode=None)


@app.command("list")
def list_elements(context: typer.Context, as_json: Json = False) -> int:
    """Every data element of the workspace."""
    shared: Shared = context.obj
    registry = shared.registry()
    elements = [registry.elements[name] for name in sorted(registry.elements)]
    if as_json:
        from schemas.elements_view import describe

        print_json([describe(element, registry) for element in elements])
        return 0
    from rich.table import Table

    table = Table(*(word(f"run.{name}") for name in ("element", "symbol", "name", "type", "unit")))
    for element in elements:
        name = element.name.say(current_language())
        table.add_row(element.id, element.symbol, name, element.type, element.unit or "")
    console().print(table)
    return 0


@app.command("show")
def show(
    context: typer.Context,
    element: Annotated[str, typer.Argument(help="The element's id, such as traffic.mean_speed.")],
    as_json: Json = False,
) -> int:
    """One data element with all its attributes, its codes and the contracts that bind it."""
    from schemas.elements_view import describe, find

    shared: Shared = context.obj
    registry = shared.registry()
    described = describe(find(element, registry), registry)
    if as_json:
        print_json(described)
    else:
        _print(described)
    return 0


def _print(described: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(show_header=False, box=None)
    for key, value in described.items():
        if value not in (None, [], {}, ()):
            table.add_row(f"[bold]{key}[/]", _shown(value))
    console().print(table)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_shown(inner)}" for key, inner in value.items() if inner not in (None, [], {}))
    if isinstance(value, list):
        return (
            "\n".join(_shown(item) for item in value)
            if any(isinstance(item, dict) for item in value)
            else ", ".join(map(str, value))
        )
    return str(value)
