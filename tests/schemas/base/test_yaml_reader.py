"""Words that YAML 1.1 would turn into something else stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.base.yaml_reader import DuplicateKeyError, load_yaml, read_yaml
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.reshape_step import Pivot


def _read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "NO", "Yes", "y", "True"])
def test_a_word_is_not_a_boolean(tmp_path: Path, word: str) -> None:
    assert _read(tmp_path, f"code: {word}") == {"code": word}


def test_true_and_false_are_booleans(tmp_path: Path) -> None:
    assert _read(tmp_path, "a: true\nb: false") == {"a": True, "b": False}


def test_a_key_is_the_text_that_was_written(tmp_path: Path) -> None:
    keys = _read(tmp_path, "codes: {01: K1, 1: K2, true: K3, on: K4, 2026-03-01: K5}")
    assert keys == {"codes": {"01": "K1", "1": "K2", "true": "K3", "on": "K4", "2026-03-01": "K5"}}


def test_a_pivot_and_a_yes_or_no_field_read_without_quotes(tmp_path: Path) -> None:
    pivot = Pivot.model_validate(_read(tmp_path, "{keys: [hour], on: type, value: reading, columns: [AQI]}"))
    assert pivot.on == "type"
    binding = Binding.model_validate(_read(tmp_path, "{element: a.b, true: [是, yes], false: [否, no]}"))
    assert (binding.true, binding.false) == (("是", "yes"), ("否", "no"))


def test_merged_keys_still_merge(tmp_path: Path) -> None:
    assert _read(tmp_path, "base: &b {x: 1}\nmore:\n  <<: *b\n  y: 2") == {"base": {"x": 1}, "more": {"x": 1, "y": 2}}


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_as_yaml_is_read_again(value: object) -> None:
    assert load_yaml(yaml.safe_dump(value, allow_unicode=True).encode()) == value


@pytest.mark.parametrize("text", ["a: 1\na: 2", "- x: {b: {c: 1, c: 2}}", "a: &b {x: 1}\nc: {<<: *b, y: 1, y: 2}"])
def test_a_key_that_is_written_twice_is_an_error_at_any_level(text: str) -> None:
    with pytest.raises(DuplicateKeyError):
        load_yaml(text.encode())
