"""``citylake quarantine correct``: right values from a file, from the workspace, or for every row with a value."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.quarantine_acts_command import DryRunOption, UserOption, WhyOption, open_work
from citylake.pipelines.cli.shared_options import JsonOption, print_json
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.acts.act_work import ActWork
    from citylake.pipelines.acts.correct_rows import CorrectedRows
    from citylake.pipelines.acts.correct_value import ValueMeaning


def cli_correct_rows(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A filled workbook, CSV or YAML file of an export.")] = None,
    why: WhyOption = "",
    save: Annotated[
        bool, typer.Option("--save", help="Write the recorded corrections to corrections/ of the workspace, too.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Record what corrections/ of the workspace has and the lake never had.")
    ] = False,
    dataset: Annotated[str | None, typer.Option(help="The dataset of a value; with --field, --value, --means.")] = None,
    field: Annotated[str | None, typer.Option(help="The source's field that has the value.")] = None,
    value: Annotated[str | None, typer.Option(help="The source's text, wherever it stands in the field.")] = None,
    means: Annotated[str | None, typer.Option(help="What the text means; <empty> for no value.")] = None,
    pattern: Annotated[
        bool, typer.Option("--pattern", help="--value is a regular expression for the whole text.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which a code is valid.")
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Withdraw the correction of --value; --means is not needed.")
    ] = False,
    dry_run: DryRunOption = False,
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Record right values in place of those that a source delivered; the landed bytes stay as they are.

    With a FILE: the cells that a steward has filled in, each for one row. With --dataset, --field, --value and --means:
    what a text means in every row; of a field with a code list, the change of the contract is printed instead. The
    corrections take effect with `citylake replay DATASET --quarantine`. Exit code 0: done; 2: some were refused.
    """
    work = open_work(context, user)
    if dataset is not None or value is not None:
        from citylake.pipelines.acts.correct_value import ValueMeaning

        if not (dataset and field and value is not None and (means is not None or withdraw)) or file or every:
            raise CitylakeError("CORRECT_USAGE")
        day = since.date() if since else None
        meaning = ValueMeaning(dataset, field, value, means, "pattern" if pattern else "literal", day)
        return _correct_value(work, meaning, why, withdraw=withdraw, dry_run=dry_run, as_json=as_json)
    if (file is None) != every:
        raise CitylakeError("CORRECT_USAGE")
    return _correct_rows(work, file, why, save=save, dry_run=dry_run, as_json=as_json)


def _correct_rows(work: ActWork, file: Path | None, why: str, *, save: bool, dry_run: bool, as_json: bool) -> int:
    from citylake.pipelines.acts.correct_rows import correct_rows
    from citylake.pipelines.acts.saved_corrections import correct_from_workspace, save_corrections
    from citylake.pipelines.cli.act_outcomes import print_corrected

    if file is None:
        done: list[CorrectedRows] = correct_from_workspace(work, why, dry_run=dry_run)
    else:
        done = correct_rows(work, file, why, dry_run=dry_run)
    saved = save_corrections(work, done) if save and not dry_run else []
    if as_json:
        documents = [each.document() for each in done]
        print_json({"dry_run": dry_run, "datasets": documents, "saved": [str(path) for path in saved]})
    else:
        print_corrected(done, saved, dry_run=dry_run)
    return 2 if any(each.refused.height for each in done) else 0


def _correct_value(
    work: ActWork, meaning: ValueMeaning, why: str, *, withdraw: bool, dry_run: bool, as_json: bool
) -> int:
    from citylake.pipelines.acts.correct_value import correct_value, withdraw_correction
    from citylake.pipelines.cli.act_outcomes import print_meaning, print_withdrawn

    if withdraw:
        act = withdraw_correction(work, meaning, why)
        if as_json:
            print_json({"dataset": meaning.dataset, "field": meaning.field, "outcome": "withdrawn", "act": act})
        else:
            print_withdrawn(meaning)
        return 0
    done = correct_value(work, meaning, why, dry_run=dry_run)
    if as_json:
        print_json(done.document())
    else:
        print_meaning(done)
    return 0
