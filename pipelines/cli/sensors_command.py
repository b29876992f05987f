"""``citylake sensors``: lists the spans in which a sensor's readings are doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    make_console,
    print_json,
    save_spreadsheet,
)
from citylake.pipelines.cli.terminal_text import escape_controls, print_text
from citylake.schemas.words.message_catalogue import current_language, issue_types, translate_key

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

_SHOWN = 30


def cli_sensors(
    context: typer.Context,
    dataset: Annotated[list[str] | None, typer.Option(help="Id of a dataset; several are possible.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="Issue type, such as ZERO_FOR_MISSING.")] = None,
    limit: Annotated[int, typer.Option(help=f"Maximum number of spans; 0 means {_SHOWN}, or all with --json.")] = 0,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> int:
    """List what the sensor tests found, the longest spans first: stuck values, jumps, zeros, silence, siblings."""
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.read.sensor_findings import current_findings

    shared: SharedOptions = context.obj
    found = current_findings(Ledger(shared.lake()), dataset or (), code or ())
    found = found.sort("readings", descending=True, maintain_order=True)
    if output:
        save_spreadsheet(output, found.columns, found.rows())
        return 0
    if as_json:
        print_json({"total": found.height, "findings": found.head(limit or found.height).to_dicts()})
        return 0
    _print_findings(found, limit or _SHOWN)
    return 0


def _print_findings(found: pl.DataFrame, limit: int) -> None:
    if found.is_empty():
        print_text(translate_key("sensors.nothing"))
        return
    _print_counts(found)
    for (dataset,), part in found.head(limit).partition_by("dataset", as_dict=True, maintain_order=True).items():
        make_console().print()
        make_console().print(_findings_table(str(dataset), part))
    if found.height > limit:
        print_text(translate_key("sensors.more", shown=limit, total=f"{found.height:,}"))


def _findings_table(dataset: str, found: pl.DataFrame) -> Table:
    from rich.table import Table

    table = Table(
        title=dataset, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold"
    )
    for name in ("sensor", "issue", "column", "first", "last", "readings", "detail"):
        table.add_column(
            translate_key(f"sensors.{name}"), overflow="fold", justify="right" if name == "readings" else "left"
        )
    for row in found.iter_rows(named=True):
        times = (f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first_at", "last_at"))
        values = (row["entity"], _title(row["code"]), row["column_name"], *times, f"{row['readings']:,}", row["detail"])
        table.add_row(*map(escape_controls, values))
    return table


def _print_counts(found: pl.DataFrame) -> None:
    import polars as pl

    counts = found.group_by("dataset", "code").agg(
        pl.len().alias("spans"), pl.col("entity").n_unique().alias("sensors"), pl.col("readings").sum()
    )
    for dataset, code, spans, sensors, readings in counts.sort("dataset", "code").iter_rows():
        values = {"spans": f"{spans:,}", "sensors": f"{sensors:,}", "readings": f"{readings:,}"}
        print_text(translate_key("sensors.count", dataset=dataset, code=code, title=_title(code), **values))


def _title(code: str) -> str:
    issue = issue_types().get(code)
    return issue.title.say(current_language()) if issue and issue.title else code
