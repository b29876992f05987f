"""``citylake report build``: builds the report site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

app = typer.Typer(help="Build the report site.", rich_markup_mode=None)


@app.callback()
def report_group() -> None:
    """Build the report site."""


@app.command("build")
def cli_build_report(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Folder of the site (default: reports in the lake).")
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts/--no-charts", help="Draw charts; without them, the site has tables only.")
    ] = True,
    as_json: JsonOption = False,
) -> int:
    """Build the static report site of the lake: open its index.html in a browser, without a server.

    It is read from the ledger and the tables; nothing of the lake is changed.
    """
    from citylake.pipelines.site.report.build_report import build_report

    shared: SharedOptions = context.obj
    built = build_report(shared.lake(), shared.registry(), str(out) if out else None, charts=charts)
    page = built.page(current_language())
    if as_json:
        print_json({"folder": built.folder, "page": page, "pages": built.pages, "charts": built.charts})
    else:
        print_text(translate_key("site.built", path=page, pages=built.pages))
    return 0
