"""The commands and what they share: a workspace and a lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import (
    elements,
    expectations,
    freshness,
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


@app.callback()
def shared(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(envvar="CITYLAKE_WORKSPACE", help="Folder of declarations (default: the built-in one)."),
    ] = None,
    lake: Annotated[str, typer.Option(envvar="CITYLAKE_LAKE", help="Folder or object-store URL of the lake.")] = "lake",
) -> None:
    """What every command is given."""
    context.obj = Shared(workspace, lake)


app.command("run")(run.run)
app.command("pull")(pull.pull)
app.command("probe")(probe.probe)
app.command("lint")(lint.lint)
app.command("status")(status.status)
app.command("freshness")(freshness.freshness)
app.command("notify")(freshness.notify)
app.command("query")(query.query)
app.command("expectations")(expectations.expectations)
app.command("upkeep")(upkeep.upkeep)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(state.app, name="state")
app.add_typer(elements.app, name="elements")
