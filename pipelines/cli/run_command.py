"""``citylake run``: runs the whole pipeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from citylake.pipelines.cli.deliver_command import delivery_exit_code, print_deliveries
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.schemas.words.message_catalogue import current_language

_DAY = ["%Y-%m-%d"]


def cli_run(
    context: typer.Context,
    dataset: Annotated[
        list[str] | None, typer.Option(help="Dataset to run (repeatable; default: all, or none with --mart).")
    ] = None,
    mart: Annotated[
        list[str] | None,
        typer.Option(help="Mart to build (repeatable; default: all, or those that read the given datasets)."),
    ] = None,
    day_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day to pull and build (inclusive).")
    ] = None,
    day_to: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="Last day to pull and build (inclusive).")
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make all tables of the marts anew and publish them, also if nothing changed."),
    ] = False,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory limit for data structures that grow with the data, such as 800MB (default: 1GB)."),
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Print seconds by step, and of conform by kind of work.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report/--no-report", envvar="CITYLAKE_REPORT", help="Build the report site in the lake after the run."
        ),
    ] = True,
    as_json: JsonOption = False,
) -> int:
    """Pull and check new data, then publish the changed marts.

    Exit code 0: done; 1: faulty declarations or wrong usage; 2: a batch was held or a source was incomplete; 3: failed.
    """
    from citylake.pipelines.blocks.memory_budget import budget_for_memory
    from citylake.pipelines.cli.error_output import print_warning
    from citylake.pipelines.cli.progress_bar import show_progress
    from citylake.pipelines.flow.run_digests import send_run_digests
    from citylake.pipelines.flow.run_pipeline import run_pipeline as run_all
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.lineage.event_emitter import watch_lineage

    quiet_retries()
    shared: SharedOptions = context.obj
    work = replace(shared.context(day_from, day_to, writing=True), budget=budget_for_memory(memory))
    with (
        watch_lineage(print_warning) as watch,
        show_progress(work.registry, dataset or (), mart or (), quiet=as_json) as tell,
    ):
        outcome = run_all(replace(work, tell=tell, watch=watch), dataset or (), mart or (), rebuild=rebuild)
    send_run_digests(work, outcome.batches)
    exit_code = outcome.exit_code
    if work.registry.deliveries:
        from citylake.pipelines.exchange.deliver.after_publication import deliver_after_run

        outcome.document["deliveries"] = deliver_after_run(work, outcome.document)
        # A receiver that has not acknowledged yet is no fault of the run.
        failed = [each for each in outcome.document["deliveries"] if each["status"] == "failed"]
        exit_code = outcome.document["run"]["exit_code"] = max(exit_code, delivery_exit_code(failed))
    if report:
        from citylake.pipelines.site.report.after_run import report_run

        outcome.document["report"] = report_run(work, outcome.document, current_language())
    if as_json:
        print_json(outcome.document)
    else:
        from citylake.pipelines.cli.result_tables import print_profile, print_run

        print_run(outcome.document)
        print_deliveries(outcome.document)
        if profile:
            print_profile(outcome.document)
    return exit_code
