"""No file ends its reader: neither by its size, nor by its nesting, nor by what its aliases stand for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from citylake.schemas.base import yaml_reader
from citylake.schemas.base.yaml_reader import YamlLimitError, YamlLines, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = {
    "brackets": "[" * 1_000_000,
    "braces": "{a: " * 100_000,
    "lists in one line": "- " * 100_000,
    "keys of keys": "? " * 100_000,
    "indentation": "".join(f"{' ' * level}a:\n" for level in range(3_000)),
}


@pytest.mark.parametrize("kind", DEEP)
def test_a_nesting_that_would_end_the_interpreter_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(DEEP[kind], "utf-8")
    with pytest.raises(YamlLimitError, match="levels"):
        read_yaml(path)
    assert YamlLines(path).of(("a",)) == 1


def test_brackets_in_a_text_are_no_nesting(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"a: '{'[' * 500}'\nb: [{{c: {'[' * 40}1{']' * 40}}}]\n", "utf-8")
    assert read_yaml(path)["a"] == "[" * 500


def test_aliases_that_stand_for_billions_are_refused_and_ordinary_ones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(BOMB, "utf-8")
    start = time.perf_counter()
    with pytest.raises(YamlLimitError, match="aliases"):
        read_yaml(path)
    assert time.perf_counter() - start < 5
    path.write_text("a: &a {x: 1}\nb: [*a, *a]\nc: {<<: *a, y: 2}\n", "utf-8")
    assert read_yaml(path) == {"a": {"x": 1}, "b": [{"x": 1}, {"x": 1}], "c": {"x": 1, "y": 2}}


@pytest.mark.parametrize("text", ["a: &x [*x]\n", "a: &x {b: {c: *x}}\n", "a: &x [1, &y [*x, *y]]\n"])
def test_an_alias_within_what_it_stands_for_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(YamlLimitError, match="part of"):
        read_yaml(path)


def test_a_file_over_the_limit_and_a_fifo_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "_MOST_BYTES", 100)
    (tmp_path / "x.yaml").write_text("a: 1\n" * 100, "utf-8")
    with pytest.raises(YamlLimitError, match="500 > 100 bytes"):
        read_yaml(tmp_path / "x.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(YamlLimitError, match="no regular file"):
        read_yaml(tmp_path / "pipe.yaml")
    with pytest.raises(IsADirectoryError):
        read_yaml(tmp_path)
