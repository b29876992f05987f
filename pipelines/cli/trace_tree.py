"""A trace as a tree for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.text import Text
from rich.tree import Tree

from citylake.pipelines.cli.shared_options import make_console
from citylake.schemas.words.message_catalogue import current_language, translate_key

_MOST_DAYS = 3


def print_trace(document: Mapping[str, Any]) -> None:
    """Print the row, its levels, the standard rows with their origin, and the refused rows beside them."""
    names = {name: document[name] for name in ("mart", "table", "version")}
    tree = Tree(Text(_say("row", **names), "bold"))
    tree.add(_pairs(document["row"]))
    if document["column"]:
        tree.add(_say("column", column=document["column"]))
    if document["replaced"]:
        tree.add(_say("replaced", **document["replaced"]))
    if document["hidden"]:
        tree.add(Text(_say("hidden", columns=", ".join(document["hidden"])), "yellow"))
    for number, level in enumerate(document["levels"]):
        _add_level(tree, level, document["column"] if number == 0 else None)
    for each in document["datasets"]:
        _add_dataset(tree, each)
    for each in document["entities"]:
        branch = tree.add(_say("links", name=each["name"], rows=f"{len(each['rows']):,}"))
        for row in each["rows"]:
            branch.add(_pairs({name: value for name, value in row.items() if value is not None}))
    make_console().print(tree)


def _add_level(tree: Tree, level: Mapping[str, Any], column: str | None) -> None:
    names = {name: level[name] for name in ("mart", "table", "build")}
    if level["rows"] is None:
        branch = tree.add(_say("level_hidden", **names))
    else:
        key = "level" if level["build"] >= 0 else "level_unknown"
        branch = tree.add(_say(key, **names, rows=f"{level['rows']:,}"))
    branch.add(_verdict(level, column))
    if level["redeclared"]:
        branch.add(Text(_say("redeclared"), "yellow"))
    if level["verified"] and level["scope"] != "exact":
        branch.add(_say(f"scope_{level['scope']}"))
    for each in level["inputs"]:
        entry = branch.add(_input(each))
        if each["instead_of"] is not None:
            entry.add(Text(_say("instead_of", version=each["instead_of"]), "yellow"))


def _verdict(level: Mapping[str, Any], column: str | None) -> Text:
    if not level["verified"]:
        return Text(_say("not_verified", columns=", ".join(level["differing"])), "red")
    return Text(_say("verified_of_column", column=column) if column else _say("verified"), "green")


def _input(each: Mapping[str, Any]) -> str:
    if each["rows"] is None:
        return _say("input_hidden", name=each["name"], version=each["version"])
    days = _say("input_days", days=_days(each["days"])) if each["days"] else ""
    numbers = {name: f"{each[name]:,}" for name in ("rows", "of")}
    text = _say("input", name=each["name"], version=each["version"], days=days, **numbers)
    return text + (_say("input_whole") if each["complete"] else "")


def _days(days: list[str]) -> str:
    return ", ".join(days) if len(days) <= _MOST_DAYS else f"{days[0]} … {days[-1]}"


def _add_dataset(tree: Tree, each: Mapping[str, Any]) -> None:
    names = {"dataset": each["dataset"], "title": each["title"][current_language()], "department": each["department"]}
    if each["rows"] is None:
        branch = tree.add(Text(_say("dataset_hidden", **names), "bold"))
    else:
        branch = tree.add(Text(_say("dataset", **names, rows=f"{each['rows']:,}"), "bold"))
    for row in each["standard"]:
        entry = branch.add(_say("standard_row", keys=_pairs(row["key"]), values=_pairs(row["values"])))
        for line in _row_lines(row):
            entry.add(line)
    if each["rows"] and each["rows"] > len(each["standard"]):
        branch.add(_say("more_rows", rows=f"{each['rows'] - len(each['standard']):,}"))
    _add_lines(branch, _say("receipts"), map(_receipt, each["receipts"]))
    _add_lines(branch, _say("batches"), (line for batch in each["batches"] for line in _batch_lines(batch)))
    _add_refused(branch, each["refused"])


def _row_lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield _say("place", source=row["source"], row=row["row"], row_id=row["row_id"])
    if row["raw"] is None:
        yield _say("raw_missing", why=row["raw_problem"]["text"][current_language()])
    else:
        yield _say("raw", text=_pairs(row["raw"]))
    if row["warnings"]:
        yield _say("warnings", codes=", ".join(row["warnings"]))
    if row["refused"]:
        yield _say("refused_values", columns=", ".join(row["refused"]))
    for each in row["corrections"]:
        yield _say(
            "correction", **{name: _plain(value) for name, value in each.items()}, at=_plain(each["recorded_at"])
        )
    for act in row["acts"]:
        decision = translate_key(f"site.state.{'open' if act['decision'] == 'reopened' else act['decision']}")
        yield _say("act", decision=decision, user=act["user"], why=act["why"], at=_plain(act["recorded_at"]))


def _receipt(each: Mapping[str, Any]) -> str:
    rows = "" if each["rows"] is None else _say("receipt_rows", rows=f"{each['rows']:,}")
    at = _plain(each["received_at"] or each["requested_at"])
    size = f"{each['size_bytes'] or 0:,}"
    return _say("receipt", id=each["id"], source=each["source"], at=at, size=size, sha256=each["sha256"], rows=rows)


def _batch_lines(batch: Mapping[str, Any]) -> Iterator[str]:
    key = "batch_as_declared" if batch["as_declared"] else "batch_redeclared"
    names = {"batch": batch["batch"], "fingerprint": batch["fingerprint"][:12], "at": _plain(batch["committed_at"])}
    yield _say(key, **names)
    for each in batch["applied"]:
        yield _say("applied", act=each["act"], rows=f"{each['rows']:,}", user=each["user"], why=each["why"])


def _add_refused(tree: Tree, refused: Mapping[str, Any]) -> None:
    if refused["rows"]:
        text = _say("refused", rows=f"{refused['rows']:,}", same=f"{refused['same_key']:,}")
        branch = tree.add(Text(text, "yellow"))
    elif refused["without_key"]:
        branch = tree.add(Text(_say("refused_without_key", rows=f"{refused['without_key']:,}"), "yellow"))
    else:
        return
    if refused["rows"] and refused["without_key"]:
        branch.add(_say("refused_without_key", rows=f"{refused['without_key']:,}"))
    for reason in refused["reasons"]:
        field = _say("reason_field", field=reason["field"]) if reason["field"] else ""
        branch.add(_say("reason", code=reason["code"], field=field, rows=f"{reason['rows']:,}"))
    for row in refused["examples"]:
        text = "; ".join(reason["text"][current_language()] for reason in row["reasons"])
        branch.add(_say("refused_row", source=row["source"], row=row["row"], text=text))


def _add_lines(tree: Tree, heading: str, lines: Iterable[str]) -> None:
    branch = tree.add(heading)
    for line in lines:
        branch.add(line)


def _pairs(values: Mapping[str, Any]) -> str:
    return "  ".join(_say("value", name=name, value=_plain(value)) for name, value in values.items())


def _plain(value: Any) -> str:
    if value is None:
        return _say("no_value")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _say(key: str, **values: Any) -> str:
    return translate_key(f"trace.{key}", **values)
