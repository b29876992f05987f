"""``citylake mart list``, ``show`` and ``versions``: what is published, what it consists of, and what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.schemas.read.registry import Registry

MartArgument = Annotated[str, typer.Argument(help="The mart.", metavar="MART")]


def cli_list_marts(context: typer.Context, as_json: JsonOption = False) -> int:
    """List the marts: title, current version, rows, size, incomplete days, held versions, readers and pins."""
    from citylake.pipelines.marts.versions.mart_documents import list_marts

    registry, lake, ledger = _opened(context)
    found = list_marts(lake, ledger, registry)
    if as_json:
        print_json({"marts": found})
    else:
        from citylake.pipelines.cli.mart_lines import print_marts

        print_marts(found, registry.workspace.settings.timezone)
    return 0


def cli_show_mart(context: typer.Context, mart: MartArgument, as_json: JsonOption = False) -> int:
    """Show the current version: its tables and columns, inputs with their versions and dates, checks, who made it."""
    from citylake.pipelines.marts.versions.mart_documents import mart_document

    registry, lake, ledger = _opened(context)
    _require_mart(registry, ledger, mart)
    found = {**mart_document(lake, ledger, registry, mart), **_contents(registry, lake, ledger, mart)}
    if as_json:
        print_json(found)
    else:
        from citylake.pipelines.cli.mart_lines import print_mart

        print_mart(found, registry.workspace.settings.timezone)
    return 0


def cli_list_versions(context: typer.Context, mart: MartArgument, as_json: JsonOption = False) -> int:
    """List every version that was published: whether its file is there, pinned or open, its size and its reason."""
    from citylake.pipelines.marts.versions.version_documents import version_documents

    registry, lake, ledger = _opened(context)
    _require_mart(registry, ledger, mart)
    found = version_documents(lake, ledger, mart)
    if as_json:
        print_json({"mart": mart, "versions": found})
    else:
        from citylake.pipelines.cli.mart_lines import print_versions

        print_versions(mart, found, registry.workspace.settings.timezone)
    return 0


def _opened(context: typer.Context) -> tuple[Registry, Lake, Ledger]:
    from citylake.pipelines.lake.ledger import Ledger

    shared: SharedOptions = context.obj
    lake = shared.lake()
    return shared.registry(), lake, Ledger(lake)


def _require_mart(registry: Registry, ledger: Ledger, mart: str) -> None:
    """Raise MART_UNKNOWN unless the mart is declared, or was published when it still was."""
    from citylake.pipelines.marts.versions.choose_version import published_versions

    if mart not in registry.marts and not published_versions(ledger, mart):
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(sorted(registry.marts)) or "—")


def _contents(registry: Registry, lake: Lake, ledger: Ledger, mart: str) -> dict[str, Any]:
    """``tables``, ``inputs``, ``checks``, ``run`` and ``acts`` of the current version; empty before the first one."""
    from citylake.pipelines.marts.publish.mart_pointer import read_pointer
    from citylake.pipelines.marts.versions.ledger_versions import inputs_of
    from citylake.pipelines.marts.versions.version_documents import (
        input_documents,
        version_checks,
        version_documents,
    )
    from citylake.pipelines.read.mart_columns import mart_columns
    from citylake.pipelines.read.mart_reader import published_pointer

    declared = registry.marts.get(mart)
    if read_pointer(lake, mart) is None:
        return {"tables": [], "inputs": [], "checks": [], "history": None}
    pointer = published_pointer(lake, mart)
    grains = {name: list(table.grain) for name, table in declared.tables.items()} if declared else {}
    tables = [
        {"table": name, "rows": pointer.rows.get(name), "grain": grains.get(name), "columns": columns}
        for name, columns in mart_columns(lake, mart).items()
    ]
    history = [each for each in version_documents(lake, ledger, mart) if each["version"] == pointer.version]
    return {
        "tables": tables,
        "inputs": input_documents(ledger, inputs_of(ledger, mart, pointer.version)),
        "checks": version_checks(ledger, mart, pointer.version),
        "history": history[0] if history else None,
    }
