"""``citylake silo``: how far the departments' data meet, and what would open most."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from citylake.pipelines.silo.silo_map import SiloMap
    from citylake.pipelines.silo.silo_record import FallenFigure

_SHOWN = 15


def cli_silo(
    context: typer.Context,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit code 2 if a figure is lower than the last record, and name it.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Add the figures to the ledger, unless the gate names a fallen one.")
    ] = False,
    min_shared: Annotated[
        int, typer.Option(min=0, help="Exit code 2 if fewer elements are shared by two departments or more.")
    ] = 0,
    as_json: JsonOption = False,
) -> int:
    """Report how far the departments' data meet: shared elements, key values in common, and what to do next."""
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.silo.silo_map import measure_silo
    from citylake.pipelines.silo.silo_record import fallen_figures, last_figures, record_figures

    shared: SharedOptions = context.obj
    lake = shared.lake()
    ledger = Ledger(lake)
    found = measure_silo(shared.registry(), lake, ledger)
    fallen = fallen_figures(last_figures(ledger), found) if gate else []
    few = int(found.figures["elements_shared"]) < min_shared
    if as_json:
        print_json({**found.document(), "fallen": [asdict(each) for each in fallen]})
    else:
        print_silo(found)
        _print_gate(found, fallen, min_shared if few else None, gate=gate)
    if fallen or few:
        return 2
    if record:
        record_figures(ledger, found)
        print_text(translate_key("silo.recorded"), error=True)
    return 0


def _print_gate(found: SiloMap, fallen: Sequence[FallenFigure], least: int | None, *, gate: bool) -> None:
    for each in fallen:
        values = {"before": say_figure(each.figure, each.before), "now": say_figure(each.figure, each.now)}
        subject = translate_key("silo.subject", subject=each.subject) if each.subject else ""
        figure = translate_key(f"silo.figure_{each.figure}")
        print_text(translate_key("silo.fallen", figure=figure, subject=subject, **values))
    if least is not None:
        count = f"{found.figures['elements_shared']:.0f}"
        print_text(translate_key("silo.too_few", count=count, least=least))
    if gate and not fallen:
        print_text(translate_key("silo.held"))


def print_silo(found: SiloMap, before: SiloMap | None = None) -> None:
    """Print a silo map for a terminal; with ``before``, its figures beside those of the other."""
    screen = make_console()
    title = "silo.title" if found.measured else "silo.title_declared"
    screen.print(translate_key(title), style="bold")
    screen.print(_figures_table(found.figures, before.figures if before else None))
    if shared := [each for each in found.uses if each.departments > 1]:
        screen.print()
        screen.print(_shared_table(found))
        if len(shared) > _SHOWN:
            print_text("…")
    if found.measured and len(found.departments) > 1:
        screen.print()
        screen.print(_pairs_table(found))
    screen.print()
    _print_acts(found)


def print_silo_change(found: SiloMap, before: SiloMap) -> None:
    """Print the figures of a silo map beside those of ``before``, and how far the departments' key values meet now."""
    screen = make_console()
    screen.print(translate_key("silo.title"), style="bold")
    screen.print(_figures_table(found.figures, before.figures))
    screen.print()
    screen.print(_pairs_table(found))


def _print_acts(found: SiloMap) -> None:
    if not found.acts:
        print_text(translate_key("silo.no_acts"))
        return
    make_console().print(translate_key("silo.acts"), style="bold")
    for number, act in enumerate(found.acts, 1):
        print_text(f"{number}. {act.text(current_language())}")


def _table(title: str | None = None) -> Table:
    from rich.table import Table

    return Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")


def _figures_table(figures: Mapping[str, float], before: Mapping[str, float] | None) -> Table:
    table = _table()
    table.add_column(translate_key("silo.figure"))
    for name in ("before", "after") if before is not None else ("value",):
        table.add_column(translate_key(f"silo.{name}"), justify="right")
    for name, value in figures.items():
        earlier = [say_figure(name, before.get(name))] if before is not None else []
        table.add_row(translate_key(f"silo.figure_{name}"), *earlier, say_figure(name, value))
    return table


def say_figure(name: str, value: float | None) -> str:
    """Return a figure as a person reads it: shares as percent, counts with separators."""
    if value is None:
        return "—"
    return f"{value:.2%}" if name.startswith("mean_") else f"{value:,.0f}"


def _shared_table(found: SiloMap) -> Table:
    table = _table(translate_key("silo.shared"))
    for name in ("element", "departments", "matching"):
        table.add_column(translate_key(f"silo.{name}"), overflow="fold", ratio=1)
    joined = translate_key("silo.and")
    for each in [one for one in found.uses if one.departments > 1][:_SHOWN]:
        states = {of: [name for name, state in each.states.items() if state == of] for of in ("bound", "matching")}
        name = f"{each.element} {each.name[current_language()]}"
        table.add_row(name, joined.join(states["bound"]), joined.join(states["matching"]))
    return table


def _pairs_table(found: SiloMap) -> Table:
    table = _table(translate_key("silo.pairs"))
    # Departments have long names: the columns have their numbers.
    table.add_column("")
    table.add_column(translate_key("silo.department"), overflow="fold")
    for number, _ in enumerate(found.departments, 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, one in enumerate(found.departments, 1):
        table.add_row(str(number), one, *(_share(found, one, other) for other in found.departments))
    return table


def _share(found: SiloMap, one: str, other: str) -> str:
    pair = found.pair(one, other) if one != other else None
    if pair is None or not pair.domains:
        return "—"
    share = pair.left_share if pair.left == one else pair.right_share
    return f"{share:.0%}" if pair.met else "0"
