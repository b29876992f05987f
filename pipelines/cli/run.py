"""``citylake run``: the main job."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Annotated

import typer

from pipelines.cli.shared import Json, Shared, print_json
from schemas.faults import CitylakeError

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
    from pipelines.cli.progress import progress
    from pipelines.context import Context, new_run, variables
    from pipelines.ledger import Ledger
    from pipelines.run import run as run_all
    from pipelines.usable import writable

    _quiet_retries()
    shared: Shared = context.obj
    if day_from and day_to and day_from > day_to:
        raise CitylakeError("DAYS_REVERSED", first=_day(day_from), last=_day(day_to))
    registry, lake = shared.registry(), writable(shared.lake())
    this, budget = new_run(_day(day_from), _day(day_to)), budget_of(memory)
    with progress(registry, dataset or (), mart or (), quiet=as_json) as tell:
        work = Context(registry, lake, Ledger(lake), this, variables(registry, this), tell, budget)
        outcome = run_all(work, dataset or (), mart or ())
    if as_json:
        print_json(outcome.document)
    else:
        from pipelines.cli.tables import print_profile, print_run

        print_run(outcome.document)
        if profile:
            print_profile(outcome.document)
    return outcome.exit_code


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _quiet_retries() -> None:
    """A retry that heals is no news; one that does not is in the receipt."""
    from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

    # Where structlog is installed, stamina would print through it, whatever the level of its logger.
    set_on_retry_hooks([LoggingOnRetryHook])
    logging.getLogger("stamina").setLevel(logging.ERROR)
