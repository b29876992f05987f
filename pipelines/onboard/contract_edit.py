"""A binding that a person accepted is written into a contract file that exists; all other lines stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from citylake.pipelines.onboard.draft_contract import flow_yaml, one_line
from citylake.schemas.base.yaml_reader import load_yaml, read_yaml
from citylake.schemas.read.workspace_writer import write_workspace_file
from citylake.schemas.words.errors import CitylakeError

_FIELDS = re.compile(r"^fields:\s*(?:\{\s*\}\s*)?(#.*)?$")
_COMMENT = re.compile(r"^\s*#")


def add_bindings(file: Path, bindings: Mapping[str, tuple[Mapping[str, Any], str]]) -> list[str]:
    """Bind fields in the contract ``file``: field → binding and its evidence. Returns the fields that were not bound.

    Raises ONBOARD_CONTRACT_UNEDITABLE, with what to write, if the file's ``fields`` are not lines of their own; then
    nothing is written.
    """
    document = dict(read_yaml(file))
    known = document.get("fields") or {}
    new = {field: each for field, each in bindings.items() if field not in known}
    if not new:
        return []
    text = file.read_text(encoding="utf-8")
    wanted = {**document, "fields": {**known, **{field: dict(binding) for field, (binding, _) in new.items()}}}
    ignored = [field for field in document.get("ignore") or [] if field not in new]
    if "ignore" in document:
        wanted["ignore"] = ignored
    edited = _edit_lines(text.splitlines(), new, emptied="ignore" in document and not ignored)
    if edited is None or _plain(edited) != _without_empty(wanted):
        lines = " ".join(f"{flow_yaml(field)}: {flow_yaml(dict(binding))}" for field, (binding, _) in new.items())
        raise CitylakeError("ONBOARD_CONTRACT_UNEDITABLE", file=file, lines=lines)
    write_workspace_file(file, edited)
    return list(new)


def _edit_lines(lines: list[str], new: Mapping[str, tuple[Mapping[str, Any], str]], *, emptied: bool) -> str | None:
    start = next((number for number, line in enumerate(lines) if _FIELDS.match(line)), None)
    if start is None:
        return None
    end = next((n for n in range(start + 1, len(lines)) if lines[n][:1] not in ("", " ", "#")), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    indent = next((line[: len(line) - len(line.lstrip())] for line in lines[start + 1 : end] if line.strip()), "  ")
    added = []
    for field, (binding, evidence) in new.items():
        added += [f"{indent}# {one_line(evidence)}", f"{indent}{flow_yaml(field)}: {flow_yaml(dict(binding))}"]
    below = _without_ignored(lines[end:], set(new), emptied=emptied)
    above = _without_ignored(lines[:start], set(new), emptied=emptied)
    return "\n".join([*above, "fields:", *lines[start + 1 : end], *added, *below, ""])


def _without_ignored(lines: list[str], fields: set[str], *, emptied: bool) -> list[str]:
    """The lines without the items of ``ignore`` that are ``fields``, and without the comments below each."""
    kept: list[str] = []
    inside = dropping = False
    for line in lines:
        if line[:1] not in ("", " ", "#", "-"):
            inside, dropping = line.startswith("ignore:"), False
            if inside and emptied:
                continue
        elif inside and line.lstrip().startswith("- "):
            dropping = _item(line) in fields
        if not (inside and dropping and (line.lstrip().startswith("- ") or _COMMENT.match(line))):
            kept.append(line)
    return kept


def _item(line: str) -> str | None:
    try:
        (item,) = yaml.safe_load(line.strip())
    except (yaml.YAMLError, TypeError, ValueError):
        return None
    return str(item)


def _plain(text: str) -> Any:
    try:
        return _without_empty(load_yaml(text.encode()))
    except yaml.YAMLError:
        return None


def _without_empty(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    return {key: value for key, value in document.items() if not (key == "ignore" and not value)}
