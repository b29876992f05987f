"""One term for one thing: no text for people has a word that the glossary lists as not to use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs/glossary.md"
LANGUAGES = ("zh", "en")
CATALOGUES = sorted([*ROOT.glob("schemas/words/messages/*.yaml"), *ROOT.glob("schemas/packs/*/issues/*.yaml")])
WORKSPACES = [*(ROOT / "workspaces").iterdir(), ROOT / "benchmarks/workspace", ROOT / "pipelines/onboard/starter"]
TEMPLATES = sorted(path for room in ("pipelines", "quality", "dags") for path in (ROOT / room).rglob("*.j2"))
PAGES = {
    "README.zh-CN.md": "zh",
    "pipelines/onboard/starter/README.zh-CN.md": "zh",
    "docs/images/flow-zh.svg": "zh",
    "README.md": "en",
    "pipelines/onboard/starter/README.md": "en",
    "docs/images/flow.svg": "en",
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PLACEHOLDER = re.compile(r"\{\w*\}")
_MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", re.DOTALL)


def _rows() -> list[list[str]]:
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _words_not_to_use() -> dict[str, dict[str, str]]:
    """By language, the term to use for each word that is not to be used."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for english, chinese, _, column in _rows():
        for word in filter(None, (each.strip() for each in column.split(","))):
            is_chinese = _CHINESE.search(word) is not None
            found["zh" if is_chinese else "en"][word] = chinese if is_chinese else english
    return found


NOT_TO_USE = _words_not_to_use()


def _faults(text: str, language: str) -> list[str]:
    """Each word of the text that is not to be used, with the term to use."""
    plain = _PLACEHOLDER.sub(" ", text) if language == "en" else text
    return [
        f"{word}: use {term}"
        for word, term in NOT_TO_USE[language].items()
        if (word in plain if language == "zh" else re.search(rf"\b{re.escape(word)}s?\b", plain, re.IGNORECASE))
    ]


def _texts(document: object) -> Iterator[tuple[str, str]]:
    """Every text of a catalogue with its language."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in LANGUAGES and isinstance(value, str):
                yield key, value
            else:
                yield from _texts(value)
    elif isinstance(document, list):
        for entry in document:
            yield from _texts(entry)


def test_glossary_has_one_row_for_each_term() -> None:
    rows = _rows()
    assert len(rows) > 40
    assert all(len(row) == 4 and row[0] and row[1] and row[2] for row in rows)
    for column in (0, 1):
        terms = [row[column] for row in rows]
        assert len(terms) == len(set(terms))


def test_glossary_forbids_no_word_that_is_part_of_a_term() -> None:
    terms = {"zh": " ".join(row[1] for row in _rows()), "en": " ".join(row[0] for row in _rows())}
    assert {language: _faults(terms[language], language) for language in LANGUAGES} == {"zh": [], "en": []}


@pytest.mark.parametrize(("language", "text"), [("zh", "数据集市被拦截"), ("en", "The Adapters were told {why}.")])
def test_a_word_not_to_use_is_found(language: str, text: str) -> None:
    assert len(_faults(text, language)) == 2


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_messages_use_the_terms_of_the_glossary(path: Path) -> None:
    texts = list(_texts(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert texts
    assert [(fault, text) for language, text in texts for fault in _faults(text, language)] == []


def test_workspaces_use_the_terms_of_the_glossary() -> None:
    paths = [path for folder in WORKSPACES for path in folder.rglob("*.yaml")]
    assert len(paths) > 40
    texts = [text for path in paths for text in _texts(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert [(fault, text) for language, text in texts for fault in _faults(text, language)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_templates_use_the_terms_of_the_glossary(path: Path) -> None:
    text = _MARKUP.sub(" ", path.read_text(encoding="utf-8"))
    assert [fault for language in LANGUAGES for fault in _faults(text, language)] == []


@pytest.mark.parametrize(("page", "language"), PAGES.items())
def test_pages_use_the_terms_of_the_glossary(page: str, language: str) -> None:
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    found = [(number, fault) for number, line in enumerate(lines, 1) for fault in _faults(line, language)]
    assert found == []
