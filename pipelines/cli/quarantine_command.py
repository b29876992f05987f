"""``citylake quarantine``: what is refused, why, who must act and until when; one row as the source sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    print_json,
    save_spreadsheet,
)
from citylake.schemas.words.message_catalogue import current_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
    from citylake.pipelines.read.quarantine_states import RowState
    from citylake.schemas.read.registry import Registry

app = typer.Typer(help="Quarantined rows: why, who must act, and what was decided.", rich_markup_mode=None)
ROWS_SHOWN = 20
DatasetOption = Annotated[list[str] | None, typer.Option("--dataset", help="Id of a dataset; can be given again.")]


@app.callback()
def quarantine_group() -> None:
    """List quarantined rows, explain them, and show one as the source sent it."""


@app.command("list")
def cli_list_quarantine(
    context: typer.Context,
    dataset: DatasetOption = None,
    department: Annotated[str | None, typer.Option(help="The department that owns the datasets.")] = None,
    reason: Annotated[str | None, typer.Option(help="Code of a reason, such as CODE_UNKNOWN.")] = None,
    field: Annotated[str | None, typer.Option(help="The column that the reason is about.")] = None,
    value: Annotated[str | None, typer.Option(help="The value that the reason is about.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="open, exported, corrected, held, released, discarded, returned, superseded, rejected or all; "
            "can be given again (default: all but the last three)."
        ),
    ] = None,
    responsible: Annotated[str | None, typer.Option(help="Who must act: supplier or lake.")] = None,
    older_than: Annotated[int | None, typer.Option(min=0, help="Days since the row was refused first.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Rows past their due date.")] = False,
    receipt: Annotated[str | None, typer.Option(help="Rows of this receipt.")] = None,
    batch: Annotated[str | None, typer.Option(help="Rows of this batch.")] = None,
    values: Annotated[
        bool, typer.Option("--values", help="List the distinct values with their rows, not the rows.")
    ] = False,
    offset: Annotated[int, typer.Option(min=0, help="Number of rows to leave out at the beginning.")] = 0,
    limit: Annotated[int, typer.Option(help="Maximum number of rows; 0 means 20, or all with --json or --output.")] = 0,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> int:
    """List what is refused: without a dataset or a filter counts of all datasets, otherwise the rows, oldest first."""
    from citylake.pipelines.read.quarantine_query import QuarantineFilter

    shared: SharedOptions = context.obj
    registry = shared.registry()
    wanted = QuarantineFilter(
        datasets=_known_datasets(registry, dataset or ()),
        department=_known_department(registry, department),
        states=_known_states(state or ()),
        responsible=_one_of("--responsible", responsible, ("supplier", "lake")),
        code=reason,
        field=field,
        value=value,
        older_than=older_than,
        overdue=overdue,
        receipt=receipt,
        batch=batch,
    )
    query = _open_query(shared, registry)
    most = limit or (None if as_json or output else ROWS_SHOWN)
    if values:
        return _list_values(query, wanted, most, as_json=as_json)
    if not (wanted.datasets or wanted.chooses_rows or output):
        return _list_overview(query, wanted, as_json=as_json)
    return _list_rows(query, wanted, (offset, most), as_json=as_json, output=output)


@app.command("show")
def cli_show_row(
    context: typer.Context,
    row_id: Annotated[str, typer.Argument(help="Id of a row: RECEIPT/ROW or RECEIPT/ROW/PART.")],
    as_json: JsonOption = False,
) -> int:
    """Show a row as the source sent it, its reasons, its state, and what was decided about it."""
    from citylake.pipelines.cli.quarantine_text import print_row
    from citylake.pipelines.read.quarantine_row import find_row

    shared: SharedOptions = context.obj
    found = find_row(_open_query(shared, shared.registry()), row_id, current_language())
    if as_json:
        print_json(found)
    else:
        print_row(found)
    return 0


@app.command("explain")
def cli_explain_row(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="Id of a row, or with --reason of a dataset.")],
    reason: Annotated[str | None, typer.Option(help="Code of a reason, such as CODE_UNKNOWN.")] = None,
    field: Annotated[str | None, typer.Option(help="The column that the reason is about.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Explain what a rule demands, what stands there, and how it is corrected."""
    from citylake.pipelines.cli.quarantine_text import print_explained
    from citylake.pipelines.read.quarantine_reasons import explain_dataset, explain_row

    shared: SharedOptions = context.obj
    registry = shared.registry()
    query = _open_query(shared, registry)
    if subject in registry.contracts or reason:
        (dataset,) = _known_datasets(registry, [subject])
        found = explain_dataset(query, dataset, reason, field, current_language())
    else:
        found = explain_row(query, subject, current_language())
    if as_json:
        print_json(found)
    else:
        print_explained(found)
    return 0


def _open_query(shared: SharedOptions, registry: Registry) -> QuarantineQuery:
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.read.quarantine_query import QuarantineQuery

    lake = shared.lake()
    return QuarantineQuery(lake, registry, Ledger(lake))


def _list_overview(query: QuarantineQuery, wanted: QuarantineFilter, *, as_json: bool) -> int:
    from citylake.pipelines.cli.quarantine_text import print_overview
    from citylake.pipelines.read.quarantine_overview import quarantine_overview

    found = quarantine_overview(query, wanted)
    if as_json:
        print_json(found)
    else:
        print_overview(found)
    return 0


def _list_values(query: QuarantineQuery, wanted: QuarantineFilter, most: int | None, *, as_json: bool) -> int:
    from citylake.pipelines.cli.quarantine_text import print_values

    found = query.values(wanted, most).to_dicts()
    if as_json:
        print_json({"values": found})
    else:
        print_values(found)
    return 0


def _list_rows(
    query: QuarantineQuery,
    wanted: QuarantineFilter,
    page: tuple[int, int | None],
    *,
    as_json: bool,
    output: OutputOption,
) -> int:
    from citylake.pipelines.cli.quarantine_text import print_rows
    from citylake.pipelines.read.quarantine_listing import list_quarantine
    from citylake.pipelines.read.quarantine_sheet import quarantine_sheet

    found = list_quarantine(query, wanted, *page)
    if output:
        save_spreadsheet(output, *quarantine_sheet(found, current_language()))
    elif as_json:
        print_json({**({"dataset": wanted.datasets[0]} if len(wanted.datasets) == 1 else {}), **found})
    else:
        print_rows(found, wanted.datasets)
    return 0


def _known_datasets(registry: Registry, names: Sequence[str]) -> tuple[str, ...]:
    """Raises DATASET_UNKNOWN."""
    from citylake.pipelines.flow.run_order import order_datasets

    ordered = {each.dataset for name in names for each in order_datasets(registry, [name])}
    return tuple(name for name in names if name in ordered)


def _known_department(registry: Registry, name: str | None) -> str | None:
    known = sorted({contract.owner.department for contract in registry.contracts.values()})
    return _one_of("--department", name, known)


def _known_states(names: Sequence[str]) -> tuple[RowState, ...]:
    from citylake.pipelines.read.quarantine_states import ROW_STATES

    if "all" in names:
        return ROW_STATES
    for name in names:
        _one_of("--state", name, (*ROW_STATES, "all"))
    return tuple(name for name in ROW_STATES if name in names)


def _one_of(option: str, value: str | None, known: Sequence[str]) -> str | None:
    """The value of an option; raises OPTION_UNKNOWN if it is none of ``known``."""
    from citylake.schemas.words.errors import CitylakeError

    if value is None or value in known:
        return value
    raise CitylakeError("OPTION_UNKNOWN", option=option, value=value, known=", ".join(known) or "—")
