"""Prints the document of a trial as tables for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from citylake.pipelines.cli.shared_options import make_console
from citylake.schemas.words.message_catalogue import current_language, translate_key

_MOST_REASONS = 5
_MOST_NAMES = 12


def print_trial(document: Mapping[str, Any], title: str | None) -> None:
    """Print one table of the datasets, then what differs in each of them."""
    screen = make_console()
    screen.print(Text(title or translate_key("trial.title"), "bold"))
    if document["sampled"]:
        screen.print(_word("sampled"))
    if not document["datasets"] and not document["indices"]:
        screen.print(_word("no_difference", count=document["unchanged"]))
    if document["datasets"]:
        screen.print(_summary(document["datasets"]))
        for item in document["datasets"]:
            _print_dataset(item)
        screen.print()
        if document["unchanged"]:
            screen.print(_word("unchanged", count=document["unchanged"]))
    if document["indices"]:
        names = ", ".join(document["index_marts"]) or _word("none")
        screen.print(_word("indices", ids=", ".join(document["indices"]), names=names))
    screen.print(Text(_word(f"verdict_{document['exit_code']}"), "red" if document["exit_code"] else "green"))
    screen.print(_word("nothing_written"))


def _word(key: str, **values: Any) -> str:
    return translate_key(f"trial.{key}", **values)


def _table(title: str | None, names: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    table = Table(
        title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold"
    )
    for name in names:
        table.add_column(_word(name), overflow="fold")
    for name in numbers:
        table.add_column(_word(name), justify="right", no_wrap=True)
    return table


def _summary(datasets: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(None, ("dataset", "result"), ("read", "rows_in", "bad", "good", "changed", "days"))
    for item in datasets:
        files = f"{item['receipts']:,}" + (
            f"/{item['receipts_total']:,}" if item["receipts"] < item["receipts_total"] else ""
        )
        figures = {
            "rows_in": item["rows_in"],
            "became_bad": item["became_bad"]["rows"],
            "became_good": item["became_good"]["rows"],
            "changed_rows": item["changed_rows"],
        }
        shown = [_figure(count, (item["estimated"] or {}).get(name)) for name, count in figures.items()]
        table.add_row(item["dataset"], _word(f"status_{item['status']}"), files, *shown, f"{len(item['days']):,}")
    return table


def _figure(count: int, estimate: int | None) -> str:
    return f"{count:,}" if estimate is None else f"≈{estimate:,}"


def _print_dataset(item: Mapping[str, Any]) -> None:
    screen = make_console()
    screen.print()
    screen.print(Text(item["dataset"], "bold"))
    _print_problems(item)
    if item["status"] in ("compared", "held"):
        screen.print(_word("counts", **_sides(item)))
    for key, title in (("became_bad", "became_bad"), ("became_good", "became_good")):
        if item[key]["rows"]:
            screen.print(_reasons(item[key], _word(title)))
            screen.print(_examples(item[key]["examples"]))
    if item["other_reasons"]:
        screen.print(_word("other_reasons", count=f"{item['other_reasons']:,}"))
    if item["only_today"] or item["only_changed"]:
        screen.print(_word("moved_rows", today=f"{item['only_today']:,}", changed=f"{item['only_changed']:,}"))
    if item["columns"]:
        screen.print(_columns(item["columns"]))
    for key in ("columns_added", "columns_removed"):
        if item[key]:
            screen.print(_word(key, names=", ".join(item[key])))
    _print_reach(item)


def _print_problems(item: Mapping[str, Any]) -> None:
    screen, language = make_console(), current_language()
    for key, title in (("problems_today", "held_today"), ("problems_changed", "held_changed")):
        if item[key] and (key == "problems_changed" or item["held_today"]):
            screen.print(_word(title))
            for problem in item[key]:
                screen.print(f"  {problem['text'][language]}")


def _print_reach(item: Mapping[str, Any]) -> None:
    screen = make_console()
    if days := item["days"]:
        screen.print(_word("touched_days", first=days[0], last=days[-1], count=f"{len(days):,}"))
    if marts := item["marts"]:
        more = f" … (+{len(marts) - _MOST_NAMES})" if len(marts) > _MOST_NAMES else ""
        screen.print(_word("marts", names=", ".join(marts[:_MOST_NAMES]) + more))


def _sides(item: Mapping[str, Any]) -> dict[str, str]:
    names = ("standard", "quarantined", "duplicates", "filtered")
    return {f"{name}_{side}": f"{item[side][name]:,}" for side in ("today", "changed") for name in names}


def _reasons(changes: Mapping[str, Any], title: str) -> Table:
    table, language = _table(title, ("reason",), ("rows",)), current_language()
    for reason in changes["reasons"][:_MOST_REASONS]:
        table.add_row(f"{reason['text'][language]} ({reason['code']})", f"{reason['rows']:,}")
    return table


def _examples(examples: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(None, ("row", "field", "value"))
    for example in examples:
        table.add_row(example["row"], example["field"], _value(example["value"]))
    return table


def _columns(columns: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(_word("columns"), ("column", "example"), ("rows", "smallest", "median", "largest"))
    for change in columns:
        first = change["examples"][0] if change["examples"] else None
        example = f"{_value(first['before'])} → {_value(first['after'])}" if first else ""
        sizes = [_size(change[name]) for name in ("smallest", "median", "largest")]
        table.add_row(change["column"], example, f"{change['rows']:,}", *sizes)
    return table


def _size(number: float | None) -> str:
    return "" if number is None else f"{number:+.6g}"


def _value(value: str | None) -> str:
    return "—" if value is None else value
