"""The Typer application: registers all commands and the global options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from citylake.pipelines.cli import (
    backup_command,
    elements_command,
    expectations_command,
    freshness_command,
    init_command,
    lineage_command,
    lint_command,
    migrate_command,
    probe_command,
    pull_command,
    quarantine_command,
    query_command,
    replay_command,
    run_command,
    state_command,
    status_command,
    upkeep_command,
    verify_command,
)
from citylake.pipelines.cli.shared_options import SharedOptions

app = typer.Typer(
    name="citylake",
    add_completion=False,
    rich_markup_mode=None,
    help="City data lake: pull, check, standardise and publish the data of a city's departments.",
)


def _version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        typer.echo(f"citylake {version('citylake')}")
        raise typer.Exit


@app.callback()
def set_shared_options(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            envvar="CITYLAKE_WORKSPACE",
            help="Folder of declarations (default: current folder with a workspace.yaml).",
        ),
    ] = None,
    lake: Annotated[str, typer.Option(envvar="CITYLAKE_LAKE", help="Folder or object store URL of the lake.")] = "lake",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Store the global options for the commands."""
    context.obj = SharedOptions(workspace, lake)


app.command("init")(init_command.cli_init)
app.command("run")(run_command.cli_run)
app.command("replay")(replay_command.cli_replay)
app.command("pull")(pull_command.cli_pull)
app.command("probe")(probe_command.cli_probe)
app.command("lint")(lint_command.cli_lint)
app.command("lineage")(lineage_command.cli_lineage)
app.command("status")(status_command.cli_status)
app.command("freshness")(freshness_command.cli_freshness)
app.command("notify")(freshness_command.cli_notify)
app.command("query")(query_command.cli_query)
app.command("ledger")(query_command.cli_ledger)
app.command("backup")(backup_command.cli_backup)
app.command("restore")(backup_command.cli_restore)
app.command("expectations")(expectations_command.cli_expectations)
app.command("migrate")(migrate_command.cli_migrate)
app.command("upkeep")(upkeep_command.cli_upkeep)
app.command("verify")(verify_command.cli_verify)
app.add_typer(quarantine_command.app, name="quarantine")
app.add_typer(state_command.app, name="state")
app.add_typer(elements_command.app, name="elements")
