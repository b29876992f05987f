"""Prints the result of a run as tables for a terminal of 80 columns."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from citylake.pipelines.cli.shared_options import make_console
from citylake.schemas.words.message_catalogue import current_language, translate_key

_COLOURS = {
    "committed": "green",
    "published": "green",
    "rolled_back": "yellow",
    "unchanged": "dim",
    "waiting": "dim",
    "held": "red",
    "rejected": "dim",
    "incomplete": "yellow",
    "failed": "red",
}
_MOST_REASONS = 3


def print_run(document: Mapping[str, Any]) -> None:
    """Print row counts, the most frequent issues, problems, the marts, and the path of the run's page."""
    screen, language = make_console(), current_language()
    if document["datasets"]:
        screen.print(_datasets_table(document["datasets"]))
        screen.print()
    if any(item["issues"] for item in document["datasets"]):
        screen.print(_reasons_table(document["datasets"], language))
        screen.print()
    _print_problems(document, language)
    same = [item for item in document["datasets"] if item["status"] == "unchanged" and not item["problems"]]
    if same:
        screen.print(translate_key("run.nothing_new", count=len(same)))
    if document["marts"]:
        screen.print(_marts_table(document["marts"]))
        for item in document["marts"]:
            if item["path"]:
                screen.print(f"  {shorten_path(item['path'])}", soft_wrap=True)
    if document["report"]:
        screen.print(translate_key("run.page", path=shorten_path(document["report"])), soft_wrap=True)


def _print_problems(document: Mapping[str, Any], language: str) -> None:
    screen = make_console()
    for item in (*document["datasets"], *document["marts"]):
        for problem in item["problems"]:
            name = item.get("dataset") or item.get("mart")
            screen.print(Text(f"{name}: ", "bold"), end="")
            # Many messages begin with the name, because they are also read alone.
            screen.print(problem["text"][language].removeprefix(f"{name}: ").removeprefix(f"{name}："))
        for batch in item.get("held", ()):
            screen.print(f"  citylake held show {batch}", soft_wrap=True)
            screen.print(f"  citylake held release {batch} --why TEXT", soft_wrap=True)
    for problem in document["declarations"]:
        screen.print(problem["text"][language])


def print_profile(document: Mapping[str, Any]) -> None:
    """Print seconds by step, then seconds of the conform pass by kind of work, summed over all workers."""
    screen = make_console()
    steps: Counter[str] = Counter()
    for item in document["datasets"]:
        steps.update(item["seconds"])
    for name, seconds in (("steps", steps), ("work", document["profile"])):
        if seconds:
            screen.print()
            screen.print(_time_shares_table(name, seconds))


def _time_shares_table(name: str, seconds: Mapping[str, float]) -> Table:
    table = make_listing(translate_key(f"run.{name}_title"), ["what"], ["seconds", "part"])
    whole = sum(seconds.values()) or 1.0
    words = "step" if name == "steps" else "work"
    for what, spent in seconds.items():
        table.add_row(translate_key(f"run.{words}_{what}"), f"{spent:.2f}", f"{spent / whole:.0%}")
    return table


def make_listing(title: str | None, names: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    """Return a table with translated headings, text columns first. Long text wraps; nothing is cut off."""
    table = Table(
        title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold"
    )
    for name in names:
        table.add_column(
            translate_key(f"run.{name}"), overflow="fold", no_wrap=name in ("status", "fixed_by", "last_run", "version")
        )
    for name in numbers:
        table.add_column(translate_key(f"run.{name}"), justify="right", no_wrap=True)
    return table


def _datasets_table(datasets: Sequence[Mapping[str, Any]]) -> Table:
    numbers = {"rows_in": "rows_in", "standard": "rows_standard", "quarantined": "rows_quarantined"}
    numbers["duplicates"] = "rows_duplicate"
    more = {"superseded": "rows_superseded", "filtered": "rows_filtered", "values_refused": "values_refused"}
    numbers |= {name: key for name, key in more.items() if any(item.get(key) for item in datasets)}
    table = make_listing(translate_key("run.title"), ("dataset", "status"), tuple(numbers))
    for item in datasets:
        counts = [item.get(key) or 0 for key in numbers.values()]
        table.add_row(item["dataset"], colour_status(item["status"]), *(f"{count:,}" for count in counts))
    return table


def _reasons_table(datasets: Sequence[Mapping[str, Any]], language: str) -> Table:
    table = make_listing(translate_key("run.reasons"), ("dataset", "why", "fixed_by"), ("rows",))
    for item in datasets:
        for number, issue in enumerate(item["issues"][:_MOST_REASONS]):
            mark = f" ({translate_key('run.warned')})" if issue["severity"] == "warning" else ""
            fixed_by = translate_key(f"run.fixed_by_{issue['responsible']}")
            name = item["dataset"] if number == 0 else ""
            table.add_row(name, issue["text"][language] + mark, fixed_by, f"{issue['rows']:,}")
    return table


def _marts_table(marts: Sequence[Mapping[str, Any]]) -> Table:
    table = make_listing(translate_key("run.marts_title"), ("mart", "status", "tables"))
    for item in marts:
        rows = ", ".join(f"{name} ({count:,})" for name, count in item["tables"].items())
        table.add_row(item["mart"], colour_status(item["status"]), rows)
    return table


def shorten_path(path: str) -> str:
    """Return the path relative to the current folder if that is shorter."""
    here = os.path.relpath(path) if path.startswith("/") else path
    return here if len(here) < len(path) else path


def colour_status(name: str) -> Text:
    """Return a status translated, in its colour."""
    return Text(translate_key(f"run.state_{name}"), _COLOURS.get(name, "default"))
