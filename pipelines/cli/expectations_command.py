"""``citylake expectations``: runs Great Expectations over a standard table and writes Data Docs."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key


def cli_expectations(
    context: typer.Context,
    dataset: Annotated[str, typer.Option(help="Dataset whose standard table is validated.")],
    out: Annotated[Path, typer.Option(help="Folder for the Data Docs, one subfolder per dataset.")] = Path("data-docs"),
    as_json: JsonOption = False,
) -> int:
    """Validate a standard table and write Data Docs.

    The suite is generated from the dataset's contract. Needs the extra `quality`. Exit code 2 if a critical expectation
    failed.
    """
    from citylake.pipelines.flow.dataset_steps import active_files
    from citylake.pipelines.flow.run_order import order_datasets
    from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
    from citylake.quality.expectations.expectation_run import run_expectations

    shared: SharedOptions = context.obj
    registry, lake = shared.registry(), shared.lake()
    contract = order_datasets(registry, [dataset])[0]
    files = active_files(lake, dataset)
    database = f"expectations-{uuid.uuid4().hex}"
    with open_lake_duckdb(lake, name=database) as connection:
        found = run_expectations(contract, registry, files, out / dataset, connection, database)
    broken = [each for each in found.judgements if not each.success]
    if as_json:
        failed = [asdict(each) for each in broken]
        document = {"success": found.success, "statistics": found.statistics, "failed": failed}
        print_json({**document, "docs": str(found.index_html)})
    else:
        for each in broken:
            state = translate_key(f"expectations.{each.severity}")
            print_text(f"{state}: {each.subject or each.kind} ({each.observed or '—'})")
        print_text(translate_key("run.docs", path=found.index_html))
    return 0 if found.success else 2
