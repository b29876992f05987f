"""Reading YAML: a duplicate key is an error, and the line of every value can be found."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    _BASE = yaml.SafeLoader
else:
    _BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DuplicateKeyError(yaml.MarkedYAMLError):
    """A mapping has a key twice: YAML would use the last one silently."""

    def __init__(self, key: str, first: yaml.Mark, again: yaml.Mark) -> None:
        super().__init__("first written here", first, f"the key {key} is written twice", again)
        self.key = key


_TEXT, _BOOL, _MERGE = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "bool", "merge"))


class _Loader(_BASE):
    """YAML 1.2 for booleans and keys: ``on`` and ``no`` are texts, and a key is always the text in the file."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
        for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen and key.tag != _MERGE:
                raise DuplicateKeyError(key.value, seen[key.value].start_mark, key.start_mark)
            seen[key.value] = key
            key.tag = _MERGE if key.tag == _MERGE else _TEXT
        return super().construct_mapping(node, deep=deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        # Most of a declaration is text, for which the general constructor takes twice as long as the parser.
        if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
            return node.value
        return super().construct_object(node, deep=deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {error}", node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), ["t", "f"])


def read_yaml(path: Path) -> Any:
    """The document in ``path``; raises ``yaml.YAMLError`` if it is not YAML, or has a duplicate key."""
    return yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a safe loader, the C one where it is built)


class YamlLines:
    """The lines of one file's values; the file is read with the first request."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _root(self) -> Any:
        try:
            return yaml.compose(self.path.read_bytes(), Loader=_BASE)
        except (yaml.YAMLError, OSError, UnicodeDecodeError):
            return None

    def of(self, keys: Sequence[str | int]) -> int:
        """The line (from 1) of the value at ``keys``; keys that are not in the file are skipped."""
        return self.walk(keys)[0]

    def walk(self, keys: Sequence[str | int]) -> tuple[int, tuple[str | int, ...]]:
        """The line, and the part of ``keys`` that is in the file."""
        line, node = (self._root.start_mark.line + 1 if self._root else 1), self._root
        present: list[str | int] = []
        for key in keys:
            found = _child(node, key)
            if found is not None:
                line, node = found
                present.append(key)
        return line, tuple(present)


def _child(node: Any, key: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        child = node.value[key]
        return child.start_mark.line + 1, child
    return next(_key_node(node, str(key)), None) if isinstance(node, yaml.MappingNode) else None


def _key_node(node: yaml.MappingNode, key: str) -> Iterator[tuple[int, Any]]:
    for name, child in node.value:
        if name.value == key:
            yield name.start_mark.line + 1, child
