"""``citylake run``: the main job."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from pipelines.cli.shared import Json, Shared, print_json, quiet_retries

_DAY = ["%Y-%m-%d"]


def run(
    context: typer.Context,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset (may be repeated).")] = None,
    mart: Annotated[list[str] | None, typer.Option(help="Only this mart (may be repeated).")] = None,
    day_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day to pull and build.")
    ] = None,
    day_to: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day to pull and build.")] = None,
    memory: Annotated[
        str | None, typer.Option(help="Memory for what grows with the data, such as 800MB (default 1GB).")
    ] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Tell where the time went.")] = False,
    as_json: Json = False,
) -> int:
    """Pull, check and store what is new in every dataset, then publish the marts that it changes."""
    from pipelines.blocks.budget import budget_of
    from pipelines.cli.failures import warn
    from pipelines.cli.progress import progress
    from pipelines.lineage.emit import watching
    from pipelines.run import run as run_all

    quiet_retries()
    shared: Shared = context.obj
    work = replace(shared.context(day_from, day_to, writing=True), budget=budget_of(memory))
    with (
        watching(warn) as watch,
        progress(work.registry, dataset or (), mart or (), quiet=as_json) as tell,
    ):
        outcome = run_all(replace(work, tell=tell, watch=watch), dataset or (), mart or ())
    if as_json:
        print_json(outcome.document)
    else:
        from pipelines.cli.tables import print_profile, print_run

        print_run(outcome.document)
        if profile:
            print_profile(outcome.document)
    return outcome.exit_code
