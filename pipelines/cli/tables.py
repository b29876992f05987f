"""What a run did, as tables a stranger understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from pipelines.cli.shared import console
from schemas.catalogue import current_language, word

_COLOURS = {
    "committed": "green",
    "published": "green",
    "unchanged": "dim",
    "held": "red",
    "incomplete": "yellow",
    "failed": "red",
}


def print_run(document: Mapping[str, Any]) -> None:
    """The rows' table, the marts' table, what was held and why, and the page's path."""
    screen, language = console(), current_language()
    screen.print(_datasets(document["datasets"], language))
    for item in (*document["datasets"], *document["marts"]):
        for problem in item["problems"]:
            screen.print(f"  [bold]{item.get('dataset') or item.get('mart')}[/]: ", problem["text"][language], sep="")
    same = [item for item in document["datasets"] if item["status"] == "unchanged"]
    if same:
        screen.print(word("run.nothing_new", count=len(same)))
    if document["marts"]:
        screen.print(_marts(document["marts"]))
    screen.print(word("run.page", path=document["report"]), soft_wrap=True)


def _datasets(datasets: Sequence[Mapping[str, Any]], language: str) -> Table:
    table = Table(title=word("run.title"), title_justify="left")
    for name in ("dataset", "status"):
        table.add_column(word(f"run.{name}"), no_wrap=True)
    for name in ("rows_in", "standard", "quarantined", "duplicates"):
        table.add_column(word(f"run.{name}"), justify="right")
    table.add_column(word("run.reasons"))
    for item in datasets:
        counts = [item[name] for name in ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")]
        table.add_row(
            item["dataset"],
            state(item["status"]),
            *(f"{count:,}" for count in counts),
            _reasons(item["issues"], language),
        )
    return table


def _reasons(issues: Sequence[Mapping[str, Any]], language: str, most: int = 3) -> str:
    told = []
    for issue in issues[:most]:
        mark = f" ({word('run.warned')})" if issue["severity"] == "warning" else ""
        told.append(f"{issue['text'][language]} {issue['rows']:,}{mark}")
    return "\n".join(told)


def _marts(marts: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=word("run.marts_title"), title_justify="left")
    table.add_column(word("run.mart"), no_wrap=True)
    table.add_column(word("run.status"), no_wrap=True)
    table.add_column(word("run.tables"))
    table.add_column(word("run.where"), overflow="fold")
    for item in marts:
        rows = "\n".join(f"{name} ({count:,})" for name, count in item["tables"].items())
        table.add_row(item["mart"], state(item["status"]), rows, item["path"] or "—")
    return table


def state(name: str) -> str:
    """A status in the reader's language and colour."""
    return f"[{_COLOURS.get(name, 'default')}]{word('run.state_' + name)}[/]"
