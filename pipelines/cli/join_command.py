"""``citylake join``: whether two datasets may be joined, how, and what will be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import escape_controls, print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from rich.table import Table

    from citylake.pipelines.silo.assess_join import GradedPath, JoinReadiness

_SHOWN = 6


def cli_join(
    context: typer.Context,
    left: Annotated[str, typer.Argument(help="Dataset whose rows are kept.")],
    right: Annotated[str, typer.Argument(help="Dataset that is joined to it.")],
    exact_up_to: Annotated[
        int, typer.Option(min=0, help="Tables with more rows are measured from samples, with a stated error.")
    ] = 20_000_000,
    as_json: JsonOption = False,
) -> int:
    """Report whether two datasets of the lake may be joined, by which columns, and what will be lost.

    Every path is measured: by common elements and code lists, through a register, by date, by place. Exit code 2 if
    nothing connects the two.
    """
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.read.data_age import last_arrivals
    from citylake.pipelines.silo.assess_join import assess_join

    shared: SharedOptions = context.obj
    lake = shared.lake()
    arrivals = last_arrivals(Ledger(lake))
    found = assess_join(shared.registry(), lake, left, right, exact_rows=exact_up_to, arrivals=arrivals)
    if as_json:
        print_json(found.document())
    else:
        _print_readiness(found)
    return 0 if found.best else 2


def _print_readiness(found: JoinReadiness) -> None:
    best = found.best
    if best is None:
        print_text(translate_key("join.no_path", left=found.left, right=found.right))
        return
    screen, language = make_console(), current_language()
    screen.print(translate_key("join.title", left=found.left, right=found.right, grade=best.grade), style="bold")
    screen.print()
    screen.print(_paths_table(found))
    screen.print()
    print_text(translate_key("join.best", path=best.measured.path.say(language)))
    marks = {"good": "+", "note": "·", "loss": "−", "fault": "!"}
    for reason in best.reasons:
        print_text(f"  {marks[reason.weight]} {reason.text(language)}")
    for side, dataset in (("left", found.left), ("right", found.right)):
        if keys := found.lost.get(side):
            told = ", ".join(f"{' / '.join(each['key'])} ({each['rows']:,})" for each in keys)
            print_text(translate_key("join.lost", dataset=dataset, keys=told))
    screen.print()
    print_text(translate_key("join.sql"))
    print_text(best.sql)


def _paths_table(found: JoinReadiness) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(translate_key("join.grade"))
    table.add_column(translate_key("join.path"), overflow="fold")
    for name in ("rows_met", "keys_met", "fan_out"):
        table.add_column(translate_key(f"join.{name}"), justify="right")
    for each in found.paths[:_SHOWN]:
        table.add_row(each.grade, escape_controls(each.measured.path.say(current_language())), *_numbers(each))
    return table


def _numbers(graded: GradedPath) -> list[str]:
    from citylake.pipelines.silo.join_reason import say_share

    left, right = graded.measured.figures.left, graded.measured.figures.right
    rows = f"{say_share(left.rows_share)} / {say_share(right.rows_share)}"
    keys = f"{say_share(left.keys_share)} / {say_share(right.keys_share)}"
    return [rows, keys, f"{left.fan_out:,} / {right.fan_out:,}"]
