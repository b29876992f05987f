"""Which declarations changed between two revisions, of those that a dataset or a table of a mart depends on."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.history.diff.diff_result import CauseKind, ChangedFile
from citylake.pipelines.lake.ledger import Ledger, revisions_table
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.declaration_texts import DeclarationTexts, load_written_registry, write_declarations
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_LINES = 24
"""Lines of a file's difference that are shown."""
_TABLE_WORDS = {"title", "checks", "expect", "grain"}
"""Words of a mart's table that change no value."""
_KINDS: dict[str, CauseKind] = {"dataset": "contract", "element": "element", "codes": "code_list", "mart": "mart"}


@dataclass(frozen=True, slots=True)
class ChangedDeclaration:
    """One declaration that changed: what it is, its id, and the changed lines of its file."""

    kind: CauseKind
    id: str
    file: ChangedFile | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    kind: CauseKind
    id: str
    path: Path | None

    @property
    def name(self) -> tuple[CauseKind, str]:
        return self.kind, self.id


@dataclass
class RecordedDeclarations:
    """The declarations of earlier revisions, read from the ledger; ``folder``: an empty one for their files."""

    ledger: Ledger
    folder: Path
    _texts: dict[str, DeclarationTexts] = field(default_factory=dict)
    _registries: dict[str, Registry | None] = field(default_factory=dict)

    def registry(self, revision: str | None) -> Registry | None:
        """The declarations of a revision; None if they are not on record or cannot be read any more."""
        if not revision:
            return None
        if revision not in self._registries:
            self._registries[revision] = self._read(revision)
        return self._registries[revision]

    def dataset_changes(self, dataset: str, before: str | None, after: str | None) -> list[ChangedDeclaration] | None:
        """What changed of the contract and of all that it uses; None if that is not on record."""
        return self._changes(before, after, lambda registry: _dataset_parts(dataset, registry))

    def table_changes(
        self, mart: str, table: str, before: str | None, after: str | None
    ) -> list[ChangedDeclaration] | None:
        """What changed of the SELECT of a table, of what it reads within its mart, and of their declarations.

        If nothing of that did: editions of indices, then the version of citylake. None if that is not on record.
        """
        found = self._changes(before, after, lambda registry: _table_parts(mart, table, registry))
        if found is None or before is None or after is None:
            return None
        return found + self._editions(before, after) or self._versions(before, after)

    def _editions(self, before: str, after: str) -> list[ChangedDeclaration]:
        texts = self._text(before).files, self._text(after).files
        paths = sorted({path for each in texts for path in each if "/indices/" in path})
        changed = [path for path in paths if texts[0].get(path) != texts[1].get(path)]
        return [ChangedDeclaration("edition", Path(path).stem, self._file(path, before, after)) for path in changed]

    def _versions(self, before: str, after: str) -> list[ChangedDeclaration]:
        old, new = (self._citylake.get(each, "") for each in (before, after))
        return [ChangedDeclaration("citylake", f"{old or '?'} → {new or '?'}")] if old != new else []

    @cached_property
    def _citylake(self) -> dict[str, str]:
        rows = self.ledger.read(revisions_table.TABLE).select("revision", "citylake")
        return dict(rows.iter_rows())

    def _changes(
        self, before: str | None, after: str | None, parts: Callable[[Registry], Mapping[_Part, Any]]
    ) -> list[ChangedDeclaration] | None:
        old, new = self.registry(before), self.registry(after)
        if old is None or new is None or before is None or after is None:
            return None
        was, now = parts(old), parts(new)
        changed = [part for part in dict.fromkeys((*was, *now)) if _value(was, part) != _value(now, part)]
        found = {part.name: part for part in changed}
        return [
            ChangedDeclaration(part.kind, part.id, self._changed_file(part, before, after)) for part in found.values()
        ]

    def _changed_file(self, part: _Part, before: str, after: str) -> ChangedFile | None:
        return self._file(part.path.as_posix(), before, after) if part.path else None

    def _file(self, path: str, before: str, after: str) -> ChangedFile:
        old, new = (self._text(each).files.get(path, "").splitlines() for each in (before, after))
        lines = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
        return ChangedFile(path, tuple(lines[:_LINES]), max(0, len(lines) - _LINES))

    def _text(self, revision: str) -> DeclarationTexts:
        if revision not in self._texts:
            self._texts[revision] = self.ledger.declaration_texts(revision)
        return self._texts[revision]

    def _read(self, revision: str) -> Registry | None:
        if self.ledger.read(revisions_table.TABLE).filter(pl.col("revision") == revision).is_empty():
            return None
        folder = self.folder / revision
        folder.mkdir()
        write_declarations(self._text(revision), folder)
        try:
            return load_written_registry(folder)
        except CitylakeError:
            return None


def _value(parts: Mapping[_Part, Any], part: _Part) -> Any:
    return next((value for each, value in parts.items() if each.name == part.name), None)


def _dataset_parts(dataset: str, registry: Registry) -> dict[_Part, Any]:
    contract = registry.contracts.get(dataset)
    if contract is None:
        return {}
    found: dict[_Part, Any] = {_part(registry, "dataset", dataset): contract}
    found |= dict(_used_parts(contract, registry))
    settings = registry.workspace.settings
    bounds = settings.bounds if contract.bounds is None else None
    found[_Part("settings", "workspace.yaml", Path("workspace/workspace.yaml"))] = (settings.timezone, bounds)
    return found


def _used_parts(contract: Contract, registry: Registry) -> Iterator[tuple[_Part, Any]]:
    bindings = contract.fields.values()
    crosswalks = sorted({binding.lookup for binding in bindings if binding.lookup} & registry.crosswalks.keys())
    for name in crosswalks:
        yield _part(registry, "crosswalk", name), registry.crosswalks[name]
    wanted = {binding.element for binding in bindings} | {registry.crosswalks[name].to for name in crosswalks}
    elements = [registry.elements[name] for name in sorted(wanted & registry.elements.keys())]
    for element in elements:
        yield _part(registry, "element", element.id), element
    for name in sorted({element.codes for element in elements if element.codes} & registry.codes.keys()):
        yield _part(registry, "codes", name), registry.codes[name]


def _table_parts(mart: str, table: str, registry: Registry) -> dict[_Part, Any]:
    declared = registry.marts.get(mart)
    if declared is None or table not in declared.tables:
        return {}
    plans = plan_mart_tables(declared, registry)
    needed, waiting, found = set[str](), [table], dict[_Part, Any]()
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += sorted(plans[name].siblings - needed)
    words: dict[str, Any] = {}
    for name in sorted(needed):
        plan, each = plans[name], declared.tables[name]
        found[_Part("sql", f"{name}.sql", _place(registry, plan.file))] = plan.sql
        words[name] = each.model_dump(exclude=_TABLE_WORDS)
        for element in sorted({column.element for column in each.columns.values() if column.element}):
            found[_part(registry, "element", element)] = registry.elements[element].type
        for dataset in sorted(plan.datasets):
            found[_part(registry, "dataset", dataset)] = registry.contracts[dataset].write.deleted
    found[_part(registry, "mart", mart)] = (words, declared.optional)
    timezone = registry.workspace.settings.timezone
    found[_Part("settings", "workspace.yaml", Path("workspace/workspace.yaml"))] = timezone
    return found


def _part(registry: Registry, kind: str, name: str) -> _Part:
    place = registry.places.get((kind, name))
    return _Part(_KINDS.get(kind, "crosswalk"), name, _place(registry, place.path) if place else None)


def _place(registry: Registry, path: Path) -> Path | None:
    """The path of a file among the texts of its revision: the registry's workspace is a folder beside its packs."""
    folder = registry.workspace.root.parent
    return path.relative_to(folder) if path.is_relative_to(folder) else None
