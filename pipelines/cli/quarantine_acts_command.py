"""``citylake quarantine export|release|discard|reopen``: what people decide about quarantined rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from citylake.pipelines.acts.act_work import ActWork
    from citylake.pipelines.acts.chosen_rows import ChosenRows
    from citylake.pipelines.acts.decide_rows import DecidedRows

    Decide = Callable[..., list[DecidedRows]]

RowsArgument = Annotated[list[str] | None, typer.Argument(help="Ids of rows, from `citylake quarantine list`.")]
DatasetOption = Annotated[list[str] | None, typer.Option("--dataset", help="Id of a dataset; can be given again.")]
DepartmentOption = Annotated[str | None, typer.Option(help="The department that owns the datasets.")]
ReasonOption = Annotated[str | None, typer.Option(help="Code of a reason, such as CODE_UNKNOWN.")]
FieldOption = Annotated[str | None, typer.Option(help="The column that the reason is about.")]
ValueOption = Annotated[str | None, typer.Option(help="The value that the reason is about.")]
StateOption = Annotated[list[str] | None, typer.Option(help="A state, such as open; can be given again.")]
AgeOption = Annotated[int | None, typer.Option(min=0, help="Days since the row was refused first.")]
OverdueOption = Annotated[bool, typer.Option("--overdue", help="Rows past their due date.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the ledger.")]
UserOption = Annotated[
    str | None, typer.Option("--user", help="Who decides (default: CITYLAKE_USER, else the system's user).")
]
DECISIONS = {
    "release": "Let single rows pass the rules that they break, as they are; the rules become warnings.",
    "discard": "Give up single rows: they stay in the quarantine, and wait for nobody.",
    "reopen": "Undo what was decided about rows: they are open again, and their corrections are withdrawn.",
}
"""Command → its help."""
DECISION_CODES = "Exit code 0: done; 2: some rows were refused."
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Report what would be done; record nothing.")]


def open_work(context: typer.Context, user: str | None) -> ActWork:
    """Return what an act of this process's person needs."""
    from citylake.pipelines.acts.act_work import open_act_work
    from citylake.pipelines.acts.person import current_person

    shared: SharedOptions = context.obj
    return open_act_work(shared.registry(), shared.lake(), current_person(user))


def choose_rows(
    work: ActWork,
    ids: Sequence[str],
    names: tuple[Sequence[str], str | None],
    reason: tuple[str | None, str | None, str | None],
    states: Sequence[str],
    age: tuple[int | None, bool],
) -> ChosenRows:
    """Return the rows that the options choose.

    ``names``: datasets and the department; ``reason``: its code, field and value; ``age``: days, and whether overdue.
    Raises OPTION_UNKNOWN for a department or state that does not exist.
    """
    from citylake.pipelines.acts.chosen_rows import ChosenRows
    from citylake.pipelines.read.quarantine_query import QuarantineFilter
    from citylake.pipelines.read.quarantine_states import ROW_STATES

    departments = sorted({contract.owner.department for contract in work.registry.contracts.values()})
    _check_option("--department", [names[1]] if names[1] else [], departments)
    _check_option("--state", states, ROW_STATES)
    where = QuarantineFilter(
        datasets=tuple(names[0]),
        department=names[1],
        states=tuple(state for state in ROW_STATES if state in states),
        code=reason[0],
        field=reason[1],
        value=reason[2],
        older_than=age[0],
        overdue=age[1],
    )
    return ChosenRows(tuple(ids), where)


def _check_option(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    from citylake.schemas.words.errors import CitylakeError

    for value in given:
        if value not in known:
            raise CitylakeError("OPTION_UNKNOWN", option=option, value=value, known=", ".join(known) or "—")


def cli_export_rows(
    context: typer.Context,
    rows: RowsArgument = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("corrections-out"),
    form: Annotated[str, typer.Option("--format", help="xlsx, csv or yaml.")] = "xlsx",
    dataset: DatasetOption = None,
    department: DepartmentOption = None,
    reason: ReasonOption = None,
    field: FieldOption = None,
    value: ValueOption = None,
    state: StateOption = None,
    older_than: AgeOption = None,
    overdue: OverdueOption = False,
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write a workbook for each department, in which its stewards enter the right values.

    Sensitive values are masked. `citylake quarantine correct FILE` takes a filled workbook back.
    """
    from citylake.pipelines.acts.export_rows import export_rows
    from citylake.pipelines.cli.act_outcomes import print_exports

    work = open_work(context, user)
    _check_option("--format", [form], ("xlsx", "csv", "yaml"))
    chosen = choose_rows(
        work, rows or (), (dataset or (), department), (reason, field, value), state or (), (older_than, overdue)
    )
    found = export_rows(work, chosen, out, form)  # type: ignore[arg-type]  # checked above
    if as_json:
        print_json({"exports": [each.document() for each in found]})
    else:
        print_exports(found)
    return 0


def cli_decide_rows(
    context: typer.Context,
    rows: RowsArgument = None,
    why: WhyOption = "",
    dataset: DatasetOption = None,
    department: DepartmentOption = None,
    reason: ReasonOption = None,
    field: FieldOption = None,
    value: ValueOption = None,
    state: StateOption = None,
    older_than: AgeOption = None,
    overdue: OverdueOption = False,
    dry_run: DryRunOption = False,
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """The commands ``release``, ``discard`` and ``reopen``; the name of the command says which."""
    from citylake.pipelines.acts import decide_rows

    decide: Decide = getattr(decide_rows, f"{context.info_name}_rows")
    work = open_work(context, user)
    chosen = choose_rows(
        work, rows or (), (dataset or (), department), (reason, field, value), state or (), (older_than, overdue)
    )
    return _decide(decide, work, chosen, why, dry_run=dry_run, as_json=as_json)


def _decide(decide: Decide, work: ActWork, chosen: ChosenRows, why: str, *, dry_run: bool, as_json: bool) -> int:
    from citylake.pipelines.cli.act_outcomes import print_decided

    done = decide(work, chosen, why, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, "datasets": [each.document() for each in done]})
    else:
        print_decided(done, dry_run=dry_run)
    return 2 if any(each.refused.height for each in done) else 0
