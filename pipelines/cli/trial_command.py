"""``citylake trial``: what changed declarations would make of the raw data in the lake, without writing anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.pipelines.trial.changed_registry import ChangedDeclarations
    from citylake.pipelines.trial.run_trial import TrialOptions

FIRST_SAMPLE = 12
"""Receipts of each dataset in the sample that is shown before everything is read."""


def cli_trial(
    context: typer.Context,
    change: Annotated[
        str, typer.Argument(help="The changed workspace: a folder, a revision of git, or one changed YAML file.")
    ],
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset (can be repeated).")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was received on or after this day.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Read at most this many receipts of each dataset; figures are estimates.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Read everything at once, without a sample first.")] = False,
    page: Annotated[Path | None, typer.Option(help="Write the result as an HTML page, too.")] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory limit for data structures that grow with the data, such as 800MB (default: 1GB)."),
    ] = None,
    why: Annotated[str, typer.Option(help="Why sealed data are read; recorded with who reads them.")] = "",
    as_json: JsonOption = False,
) -> int:
    """Read the raw data in the lake by changed declarations and by today's, and show what differs.

    Rows that become good or bad, values that change, days and marts that this reaches. First a sample, then all of it.
    Nothing is written to the lake or the workspace. Exit code 0: no row becomes bad; 1: faulty declarations or wrong
    usage; 2: rows become bad; 3: failed.
    """
    from citylake.pipelines.blocks.memory_budget import budget_for_memory
    from citylake.pipelines.lake.access_record import Asked
    from citylake.pipelines.trial.changed_registry import open_changed
    from citylake.pipelines.trial.run_trial import TrialOptions

    shared: SharedOptions = context.obj
    work = replace(shared.context(), budget=budget_for_memory(memory), asked=Asked(why=why))
    options = TrialOptions(tuple(dataset or ()), since.date() if since else None, sample)
    with open_changed(change, work.registry.workspace.root) as changed:
        if not (sample or whole or as_json):
            document = _try(work, change, changed, replace(options, sample=FIRST_SAMPLE), quiet=as_json)
            if document["sampled"]:
                _show(document, translate_key("trial.sample_first"))
            else:
                return _finish(document, page, as_json=as_json)
        document = _try(work, change, changed, options, quiet=as_json)
    return _finish(document, page, as_json=as_json)


def _try(
    work: RunContext, change: str, changed: ChangedDeclarations, options: TrialOptions, *, quiet: bool
) -> dict[str, Any]:
    from citylake.pipelines.cli.progress_bar import show_progress
    from citylake.pipelines.trial.run_trial import run_trial
    from citylake.pipelines.trial.trial_document import trial_document

    with show_progress(work.registry, options.datasets, (), quiet=quiet) as tell:
        return trial_document(run_trial(replace(work, tell=tell), change, changed, options), work.registry)


def _finish(document: dict[str, Any], page: Path | None, *, as_json: bool) -> int:
    if page:
        _save_page(page, document)
    if as_json:
        print_json(document)
    else:
        _show(document, None)
        if page:
            print_text(translate_key("trial.saved", path=page))
    return int(document["exit_code"])


def _show(document: dict[str, Any], title: str | None) -> None:
    from citylake.pipelines.cli.trial_tables import print_trial

    print_trial(document, title)


def _save_page(path: Path, document: dict[str, Any]) -> None:
    from citylake.quality.report.trial_page import render_trial_page

    try:
        path.write_text(render_trial_page(document, current_language()), encoding="utf-8")
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(path), why=error.strerror or str(error)) from error
