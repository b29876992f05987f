"""``citylake migrate``: brings a lake of an older version to the present format."""

from __future__ import annotations

from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key


def cli_migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the steps, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Bring a lake of an older version to the present format.

    No row is changed. It can be interrupted and repeated, and runs can continue meanwhile.
    """
    from citylake.pipelines.lake.lake_access import check_writable
    from citylake.pipelines.lake.lake_format import LAKE_FORMAT, format_number
    from citylake.pipelines.upkeep.migrate_lake import migrate_lake

    shared: SharedOptions = context.obj
    lake = shared.lake()
    before = format_number(lake)
    if not dry_run:
        check_writable(lake)
    found = []
    for done in migrate_lake(lake, dry_run=dry_run):
        found.append({"step": done.step, "places": list(done.places)})
        if done.places and not as_json:
            ending = "_would" if dry_run else ""
            print_text(translate_key(f"migrate.{done.step.replace('-', '_')}{ending}", places=", ".join(done.places)))
    if as_json:
        print_json({"lake": lake.url, "dry_run": dry_run, "format": before, "to_format": LAKE_FORMAT, "steps": found})
    elif not any(each["places"] for each in found):
        print_text(translate_key("migrate.nothing", lake=lake.url, format=LAKE_FORMAT))
    return 0
