"""``citylake elements import`` and ``export``: data elements from and to workbooks and CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.exchange.elements.write_declarations import ImportedElements


def cli_import_elements(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Workbook or CSV with a row for each element.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder for the YAML files (default: elements/ of the workspace).")
    ] = None,
    subject: Annotated[
        str, typer.Option(help="Subject that goes before identifiers without one: person makes XM person.xm.")
    ] = "",
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook; otherwise the first with a heading.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the table; write nothing.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Read data elements from a table, and write them as YAML.

    Headings may be Chinese or English. Faults are reported by row and column, and then nothing is written; so it is
    with elements that lint refuses, or that are declared otherwise.
    """
    from citylake.pipelines.exchange.elements.write_declarations import import_elements
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry

    shared: SharedOptions = context.obj
    # Faulty declarations of the workspace are no obstacle: the table may bring what they lack.
    registry = load_registry(find_workspace(shared.workspace))
    folder = output or registry.workspace.root / "elements"
    done = import_elements(file, registry, folder, subject, sheet, write=not dry_run)
    if as_json:
        print_json(
            {
                "new": [each.id for each in done.new],
                "unchanged": done.unchanged,
                "files": [str(path) for path in done.files],
                "filled": dict(done.filled),
                "unread": done.unread,
            }
        )
    elif done.new:
        key = "exchange.importable" if dry_run else "exchange.imported"
        print_text(translate_key(key, count=len(done.new), files=", ".join(map(str, done.files))))
    _print_notices(done)
    return 0


def cli_export_elements(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write: .xlsx or .csv.")],
    subject: Annotated[str | None, typer.Option(help="Only elements of this subject, such as traffic.")] = None,
) -> int:
    """Write the data elements of the workspace as a table, which `citylake elements import` reads back."""
    from citylake.pipelines.exchange.elements.write_table import write_elements

    shared: SharedOptions = context.obj
    elements = shared.registry().elements
    chosen = [elements[name] for name in sorted(elements) if subject in (None, name.partition(".")[0])]
    count = write_elements(chosen, file)
    print_text(translate_key("exchange.exported", count=count, file=file), error=True)
    return 0


def _print_notices(done: ImportedElements) -> None:
    if done.encoding not in ("", "utf-8-sig"):
        print_text(translate_key("exchange.read_as", encoding=done.encoding), error=True)
    if done.unread:
        print_text(translate_key("exchange.unread", columns=", ".join(done.unread)), error=True)
    for what, rows in done.filled.items():
        print_text(translate_key(f"exchange.filled_{what}", rows=_row_text(rows)), error=True)
    if done.unchanged:
        print_text(translate_key("exchange.unchanged", count=len(done.unchanged)), error=True)


def _row_text(rows: list[int]) -> str:
    """``2–7, 9``."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
