"""Answers about the quarantine as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from rich.table import Table

from citylake.pipelines.cli.shared_options import make_console
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key


def print_overview(found: Mapping[str, Any]) -> None:
    """Print each dataset: how many rows, who must act and until when, each reason with its values, and the command."""
    if not found["datasets"]:
        print_text(_say("empty"))
    for number, entry in enumerate(found["datasets"]):
        if number:
            print_text("")
        print_text(_say("dataset", dataset=entry["dataset"], department=entry["department"], rows=f"{entry['rows']:,}"))
        print_text("  " + " · ".join(_duties(entry)))
        table = _table("reason", "field", "state", numbers=("rows",), then=("values",))
        for reason in entry["reasons"]:
            row = (reason["code"], reason["field"] or "", _state(reason["state"]), f"{reason['rows']:,}")
            table.add_row(*row, _examples(reason))
        make_console().print(table)
        for command in entry["next"]:
            print_text(_say("next", command=command))


def _duties(entry: Mapping[str, Any]) -> Iterator[str]:
    parties: Counter[str] = Counter()
    for each in entry["states"]:
        parties[each["responsible"]] += each["rows"]
    for party, rows in parties.most_common():
        yield _say(f"party.{party}", department=entry["department"], rows=f"{rows:,}")
    if entry["due_on"]:
        yield _say("due", day=entry["due_on"])
    if entry["overdue"]:
        yield _say("overdue", rows=f"{entry['overdue']:,}")


def _examples(reason: Mapping[str, Any]) -> str:
    shown = [_say("value_rows", value=each["value"], rows=f"{each['rows']:,}") for each in reason["examples"]]
    if reason["values"] > len(shown) > 0:
        shown.append(_say("more_values", count=f"{reason['values']:,}"))
    return "\n".join(shown)


def print_values(found: Sequence[Mapping[str, Any]]) -> None:
    """Print distinct values with their rows, the most frequent first."""
    if not found:
        print_text(_say("empty"))
        return
    table = _table("dataset_id", "reason", "field", numbers=("rows",), then=("values",))
    for each in found:
        value = _say("no_value") if each["value"] is None else each["value"]
        table.add_row(each["dataset"], each["code"], each["field"] or "", f"{each['rows']:,}", value)
    make_console().print(table)


def print_rows(found: Mapping[str, Any], datasets: Sequence[str]) -> None:
    """Print a page of rows with their reasons."""
    subject = ", ".join(datasets) or ", ".join(found["datasets"]) or "—"
    if not found["total"]:
        print_text(translate_key("run.quarantine_empty", dataset=subject))
        return
    total, values = found["total"], found["with_values"]
    title = translate_key("run.quarantine_title", dataset=subject, count=f"{total - values:,}")
    if values:
        title += "\n" + translate_key("run.quarantine_values", dataset=subject, count=f"{values:,}")
    print_text(title)
    table = _table("row_id", "state", then=("why",))
    for row in found["rows"]:
        where = " · ".join(filter(None, (row["source"], row["part"], str(row["row"]))))
        due = f"\n{row['due_on']}" if row["due_on"] else ""
        table.add_row(row["row_id"], _state(row["state"]) + due, f"{where}\n{_why(row)}")
    make_console().print(table)
    first, last = found["offset"] + 1, found["offset"] + len(found["rows"])
    key = "shown" if last < total else "shown_last"
    if found["rows"] and len(found["rows"]) < total:
        print_text(_say(key, first=f"{first:,}", last=last, total=f"{total:,}"))


def _why(row: Mapping[str, Any]) -> str:
    why = "\n".join(f"{reason['code']}: {reason['text'][current_language()]}" for reason in row["reasons"])
    if row["refused"]:
        why = translate_key("run.quarantine_values_of", columns=", ".join(row["refused"])) + "\n" + why
    return why


def print_row(found: Mapping[str, Any]) -> None:
    """Print one row: its state, its fields as the source sent them, its reasons, and what people decided."""
    print_text(f"{found['row_id']}  {found['dataset']}  {_state(found['state'])}")
    facts = {name: found[name] for name in ("department", "first_seen_at", "times_seen", "due_on", "closed_at")}
    facts["responsible"] = _say(found["responsible"])
    _print_pairs({_say(name): _plain(value) for name, value in facts.items() if value is not None})
    print_text("\n" + _say("source_sent" if found["source_from"] == "landing" else "source_kept"))
    _print_pairs({name: _say("no_value") if text is None else text for name, text in found["source"].items()})
    if found["explained"]:
        print_text("\n" + _say("why"))
        _print_reasons(found["explained"])
    _print_list("history", [_act(each) for each in found["acts"]])
    _print_list("corrections", [_correction(each) for each in found["corrections"]])


def print_explained(found: Mapping[str, Any]) -> None:
    """Print what the reasons of a row or of a dataset mean."""
    print_text(f"{found['row_id']}  {_state(found['state'])}" if "row_id" in found else found["dataset"])
    _print_reasons(found["explained"])


def _print_reasons(explained: Iterable[Mapping[str, Any]]) -> None:
    for each in explained:
        rows = f": {each['rows']:,} {_say('rows')}" if "rows" in each else ""
        print_text(f"{each['code']}{rows}\n  {each['text']}")
        demands = {_say(f"demand.{kind}"): text for kind, text in each["demands"].items()}
        if each["value"] is not None and "values" not in each:
            demands[_say("found")] = each["value"]
        if values := [value for value in each.get("values", ()) if value["value"] is not None]:
            demands[_say("found")] = ", ".join(
                _say("value_rows", value=value["value"], rows=f"{value['rows']:,}") for value in values
            )
        if each["nearest"]:
            demands[_say("nearest")] = ", ".join(each["nearest"])
        _print_pairs(demands, indent="  ")
        for command in each["commands"]:
            print_text("  " + _say("next", command=command))


def _print_pairs(pairs: Mapping[str, str], indent: str = "") -> None:
    for name, text in pairs.items():
        print_text(indent + _say("pair", name=name, text=text))


def _print_list(heading: str, lines: Sequence[str]) -> None:
    if lines:
        print_text("\n" + _say(heading))
    for line in lines:
        print_text(f"  {line}")


def _act(act: Mapping[str, Any]) -> str:
    values = {"at": _plain(act["recorded_at"]), "user": act["user"], "why": act["why"]}
    return _say("act", decision=_state("open" if act["decision"] == "reopened" else act["decision"]), **values)


def _correction(each: Mapping[str, Any]) -> str:
    old, new = (_say("no_value") if each[name] is None else each[name] for name in ("old", "new"))
    values = {"user": each["user"], "why": each["why"], "at": _plain(each["recorded_at"])}
    text = _say("correction", field=each["field"], old=old, new=new, **values)
    return text if each["active"] else f"{text} [{_say('withdrawn')}]"


def _plain(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M UTC") if isinstance(value, datetime) else str(value)


def _state(state: str) -> str:
    return translate_key(f"site.state.{state}")


def _say(key: str, **values: Any) -> str:
    return translate_key(f"quarantine.{key}", **values)


def _table(*names: str, numbers: Sequence[str] = (), then: Sequence[str] = ()) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in (*names, *numbers, *then):
        side: Literal["left", "right"] = "right" if name in numbers else "left"
        # An id is copied into the next command: it is never broken.
        table.add_column(_say(f"column.{name}"), overflow="fold", justify=side, no_wrap=name == "row_id")
    return table
