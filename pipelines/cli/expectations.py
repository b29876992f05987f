"""``citylake expectations``: Great Expectations over a standard table, with Data Docs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import Json, Shared, print_json
from schemas.catalogue import word


def expectations(
    context: typer.Context,
    dataset: Annotated[str, typer.Option(help="The dataset whose standard table to judge.")],
    out: Annotated[Path, typer.Option(help="Folder for the Data Docs.")] = Path("data-docs"),
    as_json: Json = False,
) -> int:
    """Judge a standard table by the suite that its contract makes, and write Data Docs (extra: quality)."""
    from pipelines.order import ordered
    from pipelines.steps import active_files
    from quality.expectations.command import expectations as judge

    shared: Shared = context.obj
    registry, lake = shared.registry(), shared.lake()
    contract = ordered(registry, [dataset])[0]
    files = active_files(lake, dataset)
    found = judge(contract, registry, files, out / dataset, storage_options=lake.storage_options)
    if as_json:
        print_json({"success": found.success, "statistics": found.statistics, "docs": str(found.index_html)})
    else:
        print(word("run.docs", path=found.index_html))
    return 0 if found.success else 2
