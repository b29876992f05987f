"""``citylake held``: the batches that a gate stopped, what is in them, and the decision about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    make_console,
    print_json,
    save_spreadsheet,
)
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.acts.held_batch import BatchDecision

app = typer.Typer(help="Held batches: list them, look at them, release or reject them.", rich_markup_mode=None)

BatchArgument = Annotated[str, typer.Argument(help="Id of the batch, or its beginning.", metavar="BATCH")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the ledger.")]
UserOption = Annotated[
    str | None, typer.Option("--user", help="Who decides (default: CITYLAKE_USER, else the system's user).")
]


@app.callback()
def held_group() -> None:
    """Held batches: list them, look at them, release or reject them."""


@app.command("list")
def cli_list_held(
    context: typer.Context,
    dataset: Annotated[list[str] | None, typer.Option(help="Only batches of this dataset; repeatable.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Rejected batches as well.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List the batches that wait for a decision, with the reason and the next command."""
    from citylake.pipelines.flow.held_batches import held_batches
    from citylake.pipelines.flow.held_documents import held_summary
    from citylake.pipelines.lake.ledger import Ledger

    shared: SharedOptions = context.obj
    registry, ledger = shared.registry(), Ledger(shared.lake())
    for name in dataset or ():
        shared.contract(registry, name)
    found = [held_summary(registry, each) for each in held_batches(registry, ledger, dataset or (), rejected=every)]
    if as_json:
        print_json({"batches": found})
        return 0
    if not found:
        print_text(translate_key("held.none"))
    for each in found:
        print_summary(each)
    return 0


def print_summary(entry: Mapping[str, Any]) -> None:
    """Print a held batch as a block of lines: they fit any width, and each command can be copied whole."""
    language = current_language()
    print_text(_title(entry))
    if entry["why"]:
        print_text(f"  {entry['why'][language]}")
    for command in entry["commands"]:
        print_text(f"  {command}")


def _title(entry: Mapping[str, Any]) -> str:
    return translate_key(
        "held.title",
        batch=entry["batch"],
        dataset=entry["dataset"],
        status=translate_key(f"run.state_{entry['status']}"),
        rows=f"{entry['rows']:,}",
        since=str(entry["since"])[:16].replace("T", " "),
    )


@app.command("show")
def cli_show_held(context: typer.Context, batch: BatchArgument, as_json: JsonOption = False) -> int:
    """Show why a batch is held: every problem, the checks with what was found and expected, receipts and files."""
    from citylake.pipelines.flow.held_batches import find_held_batch
    from citylake.pipelines.flow.held_documents import held_document
    from citylake.pipelines.lake.ledger import Ledger

    shared: SharedOptions = context.obj
    registry, ledger = shared.registry(), Ledger(shared.lake())
    found = held_document(registry, ledger, find_held_batch(registry, ledger, batch))
    if as_json:
        print_json(found)
        return 0
    print_text(_title(found))
    for problem in found["problems"]:
        print_text(f"  {problem['code']}: {problem['text'][current_language()]}")
    checks = [
        [each["name"], each["observed"], each["expected"], translate_key(f"held.{'yes' if each['passed'] else 'no'}")]
        for each in found["checks"]
    ]
    files = [
        [each["id"], each["name"], f"{each['size_bytes']:,}", each["received_at"][:16]] for each in found["receipts"]
    ]
    _print_table("checks", ("check", "observed", "expected", "passed"), checks)
    _print_table("receipts", ("receipt", "file", "size", "received"), files)
    for command in found["commands"]:
        print_text(command)
    return 0


def _print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    if not rows:
        return
    table = Table(
        title=translate_key(f"held.{title}"), title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    for name in columns:
        table.add_column(translate_key(f"held.{name}"), overflow="fold")
    for row in rows:
        table.add_row(*row)
    make_console().print(table)


@app.command("rows")
def cli_rows_held(
    context: typer.Context,
    batch: BatchArgument,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Rows to skip before the first.")] = 0,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> int:
    """Show the rows of a held batch with their reasons, in order; ``--output`` writes all of them."""
    from citylake.pipelines.flow.held_batches import find_held_batch
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.read.held_rows import batch_row_pages, count_batch_rows, read_batch_rows

    shared: SharedOptions = context.obj
    registry, lake = shared.registry(), shared.lake()
    held = find_held_batch(registry, Ledger(lake), batch)
    contract = registry.contract(held.dataset)
    if output:
        sheet = _sheet(batch_row_pages(lake, contract, registry, held.batch))
        save_spreadsheet(output, next(sheet), _SizedRows(sheet, count_batch_rows(lake, held.dataset, held.batch)))
        return 0
    total = count_batch_rows(lake, held.dataset, held.batch)
    rows = read_batch_rows(lake, contract, registry, held.batch, offset, limit)
    if as_json:
        print_json({"dataset": held.dataset, "batch": held.batch, "total": total, "offset": offset, "rows": rows})
        return 0
    if not total:
        print_text(translate_key("held.no_rows", batch=held.batch, dataset=held.dataset))
        return 0
    _print_rows(held.batch, held.dataset, total, offset, rows)
    if offset + len(rows) < total:
        command = f"citylake held rows {held.batch} --offset {offset + len(rows)} --limit {limit}"
        print_text(translate_key("held.more", command=command))
    return 0


def _print_rows(batch: str, dataset: str, total: int, offset: int, rows: Sequence[Mapping[str, Any]]) -> None:
    last = offset + len(rows)
    values = {"batch": batch, "dataset": dataset, "first": f"{min(offset + 1, last):,}", "last": f"{last:,}"}
    print_text(translate_key("held.rows_title", **values, total=f"{total:,}"))
    for row in rows:
        place = f"{row['source']}{' · ' + row['part'] if row['part'] else ''}:{row['row']}"
        codes = ", ".join(dict.fromkeys(reason["code"] for reason in row["reasons"]))
        fields = ", ".join(f"{name}={'' if value is None else value}" for name, value in row["raw"].items())
        print_text(f"  {place}  {codes}\n    {fields}")


class _SizedRows(Sequence[Sequence[Any]]):
    """Rows that are read as they are written, and of which the number is known."""

    def __init__(self, rows: Iterator[Sequence[Any]], size: int) -> None:
        self._rows, self._size = rows, size

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return self._rows

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: Any) -> Any:
        raise IndexError(at)


def _sheet(pages: Iterator[list[dict[str, Any]]]) -> Iterator[Any]:
    """The headings, then every row. The fields are those of the first page: a batch has one set of columns."""
    from citylake.pipelines.read.quarantine_sheet import quarantine_sheet

    language, first = current_language(), next(pages, [])
    headings, rows = quarantine_sheet({"rows": first}, language)
    yield headings
    yield from rows
    fields = {name: None for row in first for name in row["raw"]}
    for page in pages:
        # An empty row with the fields of the first page keeps their order.
        shape = {"source": "", "part": "", "row": 0, "reasons": [], "raw": fields}
        shape |= {"row_id": "", "state": "held", "due_on": None}
        _, more = quarantine_sheet({"rows": [shape, *page]}, language)
        yield from more[1:]


@app.command("release")
def cli_release_held(
    context: typer.Context, batch: BatchArgument, why: WhyOption, user: UserOption = None, as_json: JsonOption = False
) -> int:
    """Read a held batch again with its gates waived, commit it, and build the marts that read it.

    Exit code 0: done; 1: wrong usage, or no right to; 2: it cannot be released, and stays held; 3: failed.
    """
    return _decide(context.obj, batch, "release", why, user, as_json=as_json)


@app.command("reject")
def cli_reject_held(
    context: typer.Context, batch: BatchArgument, why: WhyOption, user: UserOption = None, as_json: JsonOption = False
) -> int:
    """Decide that nothing of a held batch comes in. Its rows stay in the quarantine as rejected.

    The same bytes stay out when they are delivered again; other bytes are judged anew.
    """
    return _decide(context.obj, batch, "reject", why, user, as_json=as_json)


def _decide(
    shared: SharedOptions, batch: str, decision: BatchDecision, why: str, user: str | None, *, as_json: bool
) -> int:
    from citylake.pipelines.acts.held_batch import decide_held_batch
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.cli.result_tables import print_run

    outcome = decide_held_batch(shared.context(writing=True), batch, decision, current_person(user), why)
    if as_json:
        print_json(outcome.document)
    else:
        print_run(outcome.document)
    return outcome.exit_code
