"""The members that the records of a JSON list have in common, and a decoder of just such records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

_SHAPE_COLUMNS = 1000
"""Columns above which records are decoded one by one."""
_RESERVED = ("", "_part", "_row")
TEXT, SCALAR, NULL, OBJECT = 1, 2, 4, 8
_KINDS = {str: TEXT, int: SCALAR, float: SCALAR, bool: SCALAR, type(None): NULL, dict: OBJECT}
_PLAIN = {TEXT, TEXT | NULL, SCALAR, SCALAR | NULL, TEXT | SCALAR, TEXT | SCALAR | NULL, NULL, OBJECT}

Path = tuple[str, ...]


class UnlikeRecordsError(Exception):
    """The records have no shape that can be decoded as columns."""


@dataclass(slots=True)
class Member:
    """A member of an object: its kinds of values, and the members that it has itself."""

    kinds: int = 0
    optional: bool = False
    """Whether some objects lack it."""
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def text(self) -> bool:
        """Whether every value is a text or null; others are kept as they were written."""
        return bool(self.kinds & TEXT) and not self.kinds & SCALAR


@dataclass(slots=True)
class RecordShape:
    """The union of the members of all records that were learned."""

    root: Member = field(default_factory=lambda: Member(OBJECT))
    columns: dict[str, Path] = field(default_factory=dict)
    """The dotted name of each leaf, in the order in which they appeared, and its names."""
    _empty: bool = True

    def learn(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add the members of ``records``; raises UnlikeRecordsError, after which the shape must not be used."""
        for record in records:
            self._learn_object(self.root, record, (), first=self._empty)
            self._empty = False

    def _learn_object(self, into: Member, value: Mapping[str, Any], path: Path, *, first: bool) -> None:
        if not first and len(into.members.keys() & value.keys()) < len(into.members):
            for name in into.members.keys() - value.keys():
                into.members[name].optional = True
        for name, each in value.items():
            known = into.members.get(name)
            if known is None:
                known = into.members[name] = Member(optional=not first)
                self._learn_name((*path, name))
            self._learn_value(known, each, (*path, name))

    def _learn_name(self, path: Path) -> None:
        if path[-1] in _RESERVED or len(self.columns) > _SHAPE_COLUMNS:
            raise UnlikeRecordsError

    def _learn_value(self, member: Member, value: Any, path: Path) -> None:
        seen, kind = member.kinds, _KINDS.get(type(value))
        if kind is None or (seen | kind) not in _PLAIN:
            raise UnlikeRecordsError
        member.kinds = seen | kind
        if kind == OBJECT:
            self._learn_object(member, value, path, first=not seen)
        elif self.columns.setdefault(".".join(path), path) != path:
            # Two members of one name, one with a dot in it: only record by record is it found that both have a value.
            raise UnlikeRecordsError

    def decoder(self) -> msgspec.json.Decoder[list[Struct]]:
        """A decoder of lists of such records; raises UnlikeRecordsError if a name cannot be a member's."""
        _spread_absence(self.root)
        try:
            return msgspec.json.Decoder(list[struct_type(self.root)])  # type: ignore[misc]
        except ValueError:
            raise UnlikeRecordsError from None


def struct_type(member: Member) -> type[Struct]:
    """The type of an object; its names must be known to be those of JSON members."""
    fields = [_struct_field(f"f{at}", each) for at, each in enumerate(member.members.values())]
    names = {f"f{at}": name for at, name in enumerate(member.members)}
    return msgspec.defstruct("Record", fields, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


def _struct_field(name: str, member: Member) -> Any:
    if member.kinds == OBJECT:
        kind: Any = struct_type(member)
    else:
        kind = str | None if member.text else Raw
    if not member.optional:
        return (name, kind)
    return (name, Raw, Raw(b"")) if kind is Raw else (name, Union[kind, UnsetType], UNSET)  # noqa: UP007 (of types)


def _spread_absence(member: Member) -> None:
    """Where an object may be absent, so may its members."""
    for each in member.members.values():
        each.optional |= member.optional
        _spread_absence(each)
