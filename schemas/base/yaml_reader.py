"""Reading YAML: a duplicate key is an error, and the line of every value can be found."""

from __future__ import annotations

import re
import stat
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


_MOST_BYTES, _MOST_LEVELS, _MOST_NODES = 16_000_000, 100, 1_000_000
"""Limits of a file; the largest of the packs has 0.3 MB, and no declaration has ten levels."""
_ALIAS = re.compile(rb"(?:^|[\s\[{,:-])\*[^\s*]", re.MULTILINE)
_DEEP = (b"\n" + b" " * 100, b"- " * 50, b"? " * 50)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ROUNDS = 10
_TEXT, _BOOL, _MERGE, _MAP, _LIST = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "bool", "merge", "map", "seq"))


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
        # Most of a declaration is text in mappings, for which the general constructor takes as long as the parser.
        if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
            return node.value
        if node.tag == _MAP and isinstance(node, yaml.MappingNode):
            found = self._plain_mapping(node)
            return super().construct_object(node, deep=deep) if found is None else found
        if node.tag == _LIST and isinstance(node, yaml.SequenceNode):
            return [self.construct_object(item) for item in node.value]
        return super().construct_object(node, deep=deep)

    def _plain_mapping(self, node: yaml.MappingNode) -> dict[str, Any] | None:
        """Return the mapping if each of its keys is written once as text; None leaves it to the general constructor."""
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE or key.value in found:
                return None
            found[key.value] = self.construct_object(value)
        return found

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {error}", node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), ["t", "f"])


class YamlLimitError(Exception):
    """A file that would take all memory or all time: its text says which limit it breaks."""


def read_yaml(path: Path) -> Any:
    """The document in ``path``; raises ``yaml.YAMLError`` if it is not YAML, or has a duplicate key.

    Raises OSError, YamlLimitError, and UnicodeDecodeError.
    """
    return load_yaml(_read_bytes(path))


def load_yaml(text: bytes) -> Any:
    """The document in ``text``, as :func:`read_yaml`."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _ALIAS.search(text):
            _require_few(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of at most ``_MOST_BYTES``, not nested further than ``_MOST_LEVELS``."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode) and not stat.S_ISDIR(state.st_mode):
        raise YamlLimitError("no regular file")
    if stat.S_ISREG(state.st_mode) and state.st_size > _MOST_BYTES:
        raise YamlLimitError(f"{state.st_size:,} > {_MOST_BYTES:,} bytes")
    text = path.read_bytes()
    # The parser calls itself at every level, and would end the interpreter.
    if _may_be_deep(text) and _nesting(text) > _MOST_LEVELS:
        raise YamlLimitError(f"more than {_MOST_LEVELS} levels")
    return text


def _may_be_deep(text: bytes) -> bool:
    """Whether the nesting may exceed the limit, at the price of a few searches in memory."""
    if any(mark in text for mark in _DEEP):
        return True
    brackets = text.translate(None, _NO_BRACKETS)
    for _ in range(_ROUNDS):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return len(brackets) > _MOST_LEVELS


def _nesting(text: bytes) -> int:
    """The deepest nesting of ``text``, found without calling itself."""
    deepest = level = 0
    for event in yaml.parse(text, Loader=_BASE):
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, level)
        if deepest > _MOST_LEVELS:
            break
    return deepest


def _require_few(root: yaml.Node) -> None:
    """Raise YamlLimitError if the document has too many nodes once every alias is written out, or has no end."""
    sizes: dict[int, int] = {}
    entered: set[int] = set()
    waiting = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        if id(node) in sizes:
            continue
        pairs = node.value if isinstance(node, yaml.CollectionNode) else ()
        inner = [child for pair in pairs for child in (pair if isinstance(pair, tuple) else (pair,))]
        if done or not inner:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in inner)
        elif id(node) in entered:
            raise YamlLimitError("an alias stands for what it is part of")
        else:
            entered.add(id(node))
            waiting.append((node, True))
            waiting += [(child, False) for child in inner]
    if sizes[id(root)] > _MOST_NODES:
        raise YamlLimitError(f"aliases that stand for more than {_MOST_NODES:,} values")


class YamlLines:
    """The lines of one file's values; the file is read with the first request."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _root(self) -> Any:
        try:
            return yaml.compose(_read_bytes(self.path), Loader=_BASE)
        except (yaml.YAMLError, OSError, UnicodeDecodeError, YamlLimitError):
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
