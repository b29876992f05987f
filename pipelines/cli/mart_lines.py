"""Prints marts and their versions as blocks of lines: they fit any width, and each command can be copied whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from citylake.pipelines.cli.terminal_text import print_text
from citylake.quality.report.number_format import format_number, format_size
from citylake.schemas.words.message_catalogue import current_language, translate_key

Entry = Mapping[str, Any]


def say(key: str, **values: Any) -> str:
    """Return the message ``versions.<key>``."""
    return translate_key(f"versions.{key}", **values)


def print_marts(marts: Sequence[Entry], zone: str) -> None:
    """Print each mart with what an operator should know of it."""
    if not marts:
        print_text(say("no_marts"))
    for number, each in enumerate(marts):
        if number:
            print_text("")
        _print_head(each, zone)


def _print_head(mart: Entry, zone: str) -> None:
    print_text(say("title", mart=mart["mart"], title=mart["title"][current_language()]))
    for line in _head_lines(mart, zone):
        print_text(f"  {line}")


def _head_lines(mart: Entry, zone: str) -> Iterator[str]:
    if not mart["declared"]:
        yield say("undeclared")
    if mart["closed"]:
        yield say("closed", readers=mart["readers"] or "—")
        return
    if mart["version"]:
        rows = format_number(sum(mart["rows"].values()))
        size = format_size(mart["size_bytes"])
        yield say("current", version=mart["version"], at=local(mart["published_at"], zone), rows=rows, size=size)
        yield say("kept", count=mart["versions"], size=format_size(mart["kept_bytes"]))
    else:
        yield say("unpublished", command=f"citylake mart publish {mart['mart']}")
    yield from _state_lines(mart, zone)


def _state_lines(mart: Entry, zone: str) -> Iterator[str]:
    if back := mart["rolled_back"]:
        at = local(back["at"], zone)
        yield say("rolled_back", user=back["user"], at=at, from_version=back["from_version"], why=back["why"])
    if held := mart["held"]:
        yield say("held", at=local(held["at"], zone))
        yield from (f"  {each['text'][current_language()]}" for each in held["problems"])
    for gap in mart["incomplete"]:
        days = ", ".join(f"{first}" if first == last else f"{first} … {last}" for first, last in gap["days"])
        yield say("incomplete", dataset=gap["dataset"], department=gap["department"], days=days)
    if mart["readers"]:
        yield say("readers", readers=mart["readers"])
    for version in mart["open"]:
        yield say("open", version=version)
    for pin in mart["pinned"]:
        yield say("pinned", version=pin["version"], user=pin["user"], at=local(pin["at"], zone), why=pin["why"])


def print_mart(mart: Entry, zone: str) -> None:
    """Print the current version of a mart with its tables, inputs and checks."""
    _print_head(mart, zone)
    for table in mart["tables"]:
        grain = ", ".join(table["grain"]) if table["grain"] else "—"
        print_text("")
        print_text(say("table", table=table["table"], rows=format_number(table["rows"]), grain=grain))
        for column in table["columns"]:
            comment = f"  {column['comment']}" if column["comment"] else ""
            print_text(f"  {column['name']}  {column['type']}{comment}")
    if mart["inputs"]:
        print_text("\n" + say("inputs"))
    for each in mart["inputs"]:
        at = local(each["committed_at"], zone) if each["committed_at"] else "—"
        print_text("  " + say("input", table=each["table"], version=each["version"], at=at))
    if mart["checks"]:
        print_text("\n" + say("checks"))
    for check in mart["checks"]:
        word = say("passed") if check["passed"] else say(f"failed_{check['severity']}")
        values = {"name": check["name"], "observed": check["observed"], "expected": check["expected"]}
        print_text("  " + say("check", word=word, **values))
    if mart["history"]:
        print_text("\n" + say("made", run=mart["history"]["run"], reason=reason_text(mart["history"]["reason"])))


def print_versions(mart: str, versions: Sequence[Entry], zone: str) -> None:
    """Print the versions of a mart, newest first."""
    if not versions:
        print_text(say("no_versions", mart=mart))
    for each in versions:
        for line in _version_lines(each, zone):
            print_text(line)


def _version_lines(entry: Entry, zone: str) -> Iterator[str]:
    if entry["version"] is None:
        yield say("attempt_held", at=local(entry["at"], zone), run=entry["run"])
        yield from (f"  {each['text'][current_language()]}" for each in entry["problems"])
        return
    rows, size = format_number(sum(entry["rows"].values())), format_size(entry["size_bytes"])
    state = say(f"is_{entry['status']}")
    yield say("version", version=entry["version"], at=local(entry["at"], zone), rows=rows, size=size, state=state)
    yield "  " + say("made", run=entry["run"], reason=reason_text(entry["reason"]))
    if entry["removed_at"]:
        key = "removed" if entry["retention_days"] else "removed_for_person"
        yield "  " + say(key, at=local(entry["removed_at"], zone), days=entry["retention_days"])
    if pin := entry["pinned"]:
        yield "  " + say("pin", user=pin["user"], at=local(pin["at"], zone), why=pin["why"])
    if entry["open"]:
        yield "  " + say("is_open")
    for act in entry["rolled_back"]:
        yield "  " + say("left", user=act["user"], at=local(act["at"], zone), to=act["version"], why=act["why"])
    for act in entry["restored"]:
        at = local(act["at"], zone)
        yield "  " + say("restored", user=act["user"], at=at, from_version=act["from_version"], why=act["why"])


def reason_text(reason: Entry) -> str:
    """Return what differs from the version before, in one line."""
    parts = [say("reason_first")] if reason["first"] else []
    if reason["declarations"]:
        parts.append(say("reason_declarations"))
    if reason["inputs"]:
        parts.append(say("reason_inputs", names=", ".join(reason["inputs"])))
    whole = sorted(table for table, days in reason["days"].items() if days is None)
    days = sorted({day for found in reason["days"].values() for day in found or ()})
    if whole:
        parts.append(say("reason_whole", tables=", ".join(whole)))
    if days:
        span = days[0] if len(days) == 1 else f"{days[0]} … {days[-1]}"
        parts.append(say("reason_days", count=len(days), days=span))
    if reason["acts"]:
        parts.append(say("reason_acts", count=len(reason["acts"])))
    return say("and").join(parts) or say("reason_none")


def local(text: str, zone: str) -> str:
    """Return an ISO 8601 time in the workspace's zone, to the second."""
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
