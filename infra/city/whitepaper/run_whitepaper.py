"""``make whitepaper``: the whole city from its sources to its marts, and a table of what each system shows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Final

from citylake.infra.city.city_environment import environment_of
from citylake.infra.city.domains.city_domain import city_domains
from citylake.infra.city.standing_city import standing_city
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE, PaperSystem, paper_systems
from citylake.schemas.words.message_catalogue import current_language, translate_key

OUTPUT_FILE: Final = "run.txt"
"""What the run prints about each dataset, in the folder of the lake's reports."""


def show_whitepaper(folder: Path, lake: Path, only: Sequence[str] = ()) -> int:
    """Run the whole city, or some systems' datasets and marts alone, and print what each shows; 0 if it went well."""
    from citylake.infra.city.whitepaper.system_table import print_system_table
    from citylake.pipelines.cli import main

    systems = [each for each in paper_systems() if not only or each.system in only]
    command = ["--workspace", os.fspath(WHITEPAPER_WORKSPACE), "--lake", str(lake), "run"]
    with standing_city(folder, None, list(city_domains().values())) as variables, environment_of(variables):
        output = StringIO()
        with redirect_stdout(output):
            done = main([*command, *(_options(systems) if only else ())])
    print_system_table(folder, lake, systems)
    _keep_output(lake, output.getvalue(), shown=done != 0)
    return done


def _keep_output(lake: Path, output: str, *, shown: bool) -> None:
    """Write what the run printed beside its report: hundreds of lines about planted faults would hide the table."""
    file = lake / "reports" / OUTPUT_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(output, encoding="utf-8")
    if shown:
        print(output)
    site = lake / "reports" / current_language() / "index.html"
    print(translate_key("whitepaper.more", output=file, site=site, marts=lake / "marts"))


def _options(systems: Sequence[PaperSystem]) -> Iterator[str]:
    for dataset in sorted({name for system in systems for name in system.datasets}):
        yield from ("--dataset", dataset)
    for mart in _with_needed({system.mart for system in systems}):
        yield from ("--mart", mart)


def _with_needed(marts: set[str]) -> list[str]:
    """``marts``, and those whose tables they read."""
    from citylake.pipelines.marts.make.mart_plan import marts_in_order
    from citylake.schemas.read.registry import load_registry

    return marts_in_order(marts, load_registry(WHITEPAPER_WORKSPACE), with_needed=True)
