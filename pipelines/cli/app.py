"""The commands and what they share: a workspace and a lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import (
    backup,
    elements,
    expectations,
    freshness,
    lineage,
    lint,
    probe,
    pull,
    quarantine,
    query,
    run,
    state,
    status,
    upkeep,
)
from pipelines.cli.shared import Shared

app = typer.Typer(
    name="citylake",
    add_completion=False,
    rich_markup_mode=None,
    help="A city data lake: every department's data, one meaning each, every row accounted for.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"citylake {version('citylake')}")
        raise typer.Exit


@app.callback()
def shared(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(envvar="CITYLAKE_WORKSPACE", help="Folder of declarations (default: the built-in one)."),
    ] = None,
    lake: Annotated[str, typer.Option(envvar="CITYLAKE_LAKE", help="Folder or object-store URL of the lake.")] = "lake",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """What every command is given."""
    context.obj = Shared(workspace, lake)


app.command("run")(run.run)
app.command("pull")(pull.pull)
app.command("probe")(probe.probe)
app.command("lint")(lint.lint)
app.command("lineage")(lineage.lineage)
app.command("status")(status.status)
app.command("freshness")(freshness.freshness)
app.command("notify")(freshness.notify)
app.command("query")(query.query)
app.command("ledger")(query.ledger)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("expectations")(expectations.expectations)
app.command("upkeep")(upkeep.upkeep)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(state.app, name="state")
app.add_typer(elements.app, name="elements")
