"""Imported elements as YAML, a file for each subject: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.elements.columns import BY_KEY
from citylake.pipelines.exchange.elements.parse_rows import CellFault, ParsedElements, parse_elements
from citylake.pipelines.exchange.elements.read_table import ElementTable, read_element_table
from citylake.schemas.base.yaml_reader import load_yaml
from citylake.schemas.lint.lint_elements import check_elements
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.read.workspace_writer import write_workspace_file
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, issue_message, issue_type, translate_key

_OF_KEY = {"codes": "value_domain", "range": "value_domain", "pattern": "value_domain", "name": "name_zh"}
_SHOWN = 50
"""Faults that are shown."""


@dataclass(slots=True)
class ImportedElements:
    """``filled``: what the table did not say, with the rows. ``unchanged``: elements that are declared so already."""

    new: list[DataElement] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    filled: Mapping[str, list[int]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    """Headings of columns that are not known."""
    encoding: str = ""


def import_elements(
    file: Path, registry: Registry, folder: Path, subject: str = "", sheet: str | None = None, *, write: bool = True
) -> ImportedElements:
    """Read ``file``, lint its elements with those of the workspace, and write them below ``folder``.

    Raises ELEMENTS_UNREADABLE, ELEMENTS_FAULTY and WORKSPACE_NOT_WRITABLE; then nothing is written.
    """
    table = read_element_table(file, sheet)
    parsed = parse_elements(table, registry, subject)
    new = [each for each in parsed.elements.values() if registry.elements.get(each.id) != each]
    faults = [*parsed.faults, *_known(new, parsed, table, registry), *_linted(new, parsed, table, registry)]
    if faults:
        said = [each.say() for each in sorted(faults, key=lambda each: each.row)]
        more = [translate_key("exchange.more_faults", count=len(said) - _SHOWN)] if len(said) > _SHOWN else []
        told = "".join(f"\n- {line}" for line in [*said[:_SHOWN], *more])
        raise CitylakeError("ELEMENTS_FAULTY", file=str(file), count=len(faults), faults=told)
    unchanged = [name for name in parsed.elements if name not in {each.id for each in new}]
    done = ImportedElements(new, unchanged, [], parsed.filled, table.unknown, table.encoding)
    if write and new:
        done.files = write_declarations(new, folder)
    return done


def write_declarations(elements: Iterable[DataElement], folder: Path) -> list[Path]:
    """Append the elements to ``<subject>.yaml`` of the folder, whose files keep what is in them.

    Raises WORKSPACE_NOT_WRITABLE, and ELEMENTS_UNREADABLE if a file is no list of elements.
    """
    texts: dict[Path, str] = {}
    for file, entries in _by_file(elements, folder).items():
        before = _read(file)
        entry = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=120)
        texts[file] = f"{before.rstrip()}\n\n{entry}" if before.strip() else entry
        if not isinstance(load_yaml(texts[file].encode()), list):
            raise CitylakeError("ELEMENTS_UNREADABLE", file=str(file), why="no list of elements", needed="—")
    for file, text in texts.items():
        write_workspace_file(file, text)
    return list(texts)


def _by_file(elements: Iterable[DataElement], folder: Path) -> dict[Path, list[dict[str, object]]]:
    found: dict[Path, list[dict[str, object]]] = {}
    for each in elements:
        words = {key: value for key, value in authored_document(each).items() if value not in ({}, [])}
        found.setdefault(folder / f"{each.id.partition('.')[0]}.yaml", []).append(words)
    return found


def _known(
    new: Iterable[DataElement], parsed: ParsedElements, table: ElementTable, registry: Registry
) -> Iterable[CellFault]:
    """An element that is declared otherwise is not replaced."""
    for each in new:
        if each.id in registry.elements:
            text = translate_key("exchange.fault_known", element=each.id)
            yield CellFault(parsed.rows[each.id], table.heading("id"), text)


def _linted(
    new: Iterable[DataElement], parsed: ParsedElements, table: ElementTable, registry: Registry
) -> Iterable[CellFault]:
    """The faults that lint finds in the new elements, beside those of the workspace."""
    place = YamlLocation(registry.workspace.root)
    added = {each.id: each for each in new}
    joined = replace(
        registry,
        elements={**registry.elements, **added},
        places={**registry.places, **{("element", name): place for name in added}},
    )
    for fault in check_elements(joined):
        name = str(fault.values.get("element", ""))
        if name in added and issue_type(fault.code).severity == "error":
            yield CellFault(parsed.rows[name], _heading(fault, table), _message(fault))


def _heading(fault: LintFault, table: ElementTable) -> str:
    key = str(fault.values.get("key", "id"))
    known = _OF_KEY.get(key, key)
    return table.heading(known) if known in BY_KEY else key


def _message(fault: LintFault) -> str:
    values = {
        key: ", ".join(map(str, each)) if isinstance(each, list | tuple) else each for key, each in fault.values.items()
    }
    return issue_message(fault.code, values, current_language())


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CitylakeError("WORKSPACE_NOT_WRITABLE", path=file, why=str(error)) from error
