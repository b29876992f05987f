"""The Typer application: registers all commands and the global options."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from citylake.pipelines.cli import (
    acts_command,
    backup_command,
    deliver_command,
    disputes_command,
    elements_command,
    elements_search_command,
    elements_table_command,
    entities_command,
    expectations_command,
    export_command,
    forget_command,
    freshness_command,
    held_command,
    import_command,
    init_command,
    join_command,
    keys_command,
    lineage_command,
    lint_command,
    mart_command,
    mart_list_command,
    mart_rollback_command,
    mart_test_command,
    mcp_command,
    migrate_command,
    onboard_command,
    pull_command,
    quarantine_acts_command,
    quarantine_command,
    quarantine_correct_command,
    query_command,
    rebuild_command,
    replay_command,
    report_command,
    run_command,
    sensors_command,
    serve_command,
    silo_command,
    state_command,
    status_command,
    trace_command,
    trial_command,
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
app.command("rebuild")(rebuild_command.cli_rebuild)
app.command("trial")(trial_command.cli_trial)
app.command("pull")(pull_command.cli_pull)
app.command("onboard")(onboard_command.cli_onboard)
app.command("import")(import_command.cli_import)
app.command("lint")(lint_command.cli_lint)
app.command("lineage")(lineage_command.cli_lineage)
app.command("trace")(trace_command.cli_trace)
app.command("join")(join_command.cli_join)
app.command("silo")(silo_command.cli_silo)
app.command("status")(status_command.cli_status)
app.command("freshness")(freshness_command.cli_freshness)
app.command("notify")(freshness_command.cli_notify)
app.command("sensors")(sensors_command.cli_sensors)
app.command("query")(query_command.cli_query)
app.command("mcp")(mcp_command.cli_mcp)
app.command("serve")(serve_command.cli_serve)
app.command("ledger")(query_command.cli_ledger)
app.command("backup")(backup_command.cli_backup)
app.command("restore")(backup_command.cli_restore)
app.command("deliver")(deliver_command.cli_deliver)
app.command("forget")(forget_command.cli_forget)
app.command("expectations")(expectations_command.cli_expectations)
app.command("migrate")(migrate_command.cli_migrate)
app.command("upkeep")(upkeep_command.cli_upkeep)
app.command("verify")(verify_command.cli_verify)
app.command("acts")(acts_command.cli_list_acts)
app.command("dispute")(disputes_command.cli_open_dispute)
quarantine_command.app.command("export")(quarantine_acts_command.cli_export_rows)
quarantine_command.app.command("correct")(quarantine_correct_command.cli_correct_rows)
for name, words in quarantine_acts_command.DECISIONS.items():
    helped = f"{words}\n\n{quarantine_acts_command.DECISION_CODES}"
    quarantine_command.app.command(name, help=helped)(quarantine_acts_command.cli_decide_rows)
app.add_typer(disputes_command.app, name="disputes")
app.add_typer(held_command.app, name="held")
app.add_typer(quarantine_command.app, name="quarantine")
mart_command.app.command("list")(mart_list_command.cli_list_marts)
mart_command.app.command("show")(mart_list_command.cli_show_mart)
mart_command.app.command("versions")(mart_list_command.cli_list_versions)
mart_command.app.command("rollback")(mart_rollback_command.cli_rollback)
mart_command.app.command("pin")(mart_rollback_command.cli_pin)
mart_command.app.command("unpin")(mart_rollback_command.cli_unpin)
mart_command.app.command("gc")(mart_rollback_command.cli_gc)
mart_command.app.command("test")(mart_test_command.cli_mart_test)
app.add_typer(mart_command.app, name="mart")
app.add_typer(report_command.app, name="report")
app.add_typer(state_command.app, name="state")
app.add_typer(keys_command.app, name="keys")
elements_command.app.command("search")(elements_search_command.cli_search_elements)
elements_command.app.command("new")(elements_search_command.cli_new_element)
elements_command.app.command("import")(elements_table_command.cli_import_elements)
elements_command.app.command("export")(elements_table_command.cli_export_elements)
app.add_typer(elements_command.app, name="elements")
app.add_typer(entities_command.app, name="entities")
app.add_typer(export_command.app, name="export")


@cache
def build_command() -> Any:
    """The command of the whole application; a call of ``app`` itself would build all of them anew each time."""
    return get_command(app)
