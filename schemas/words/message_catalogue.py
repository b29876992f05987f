"""The catalogue of texts for people, in Chinese and English: issue types and the messages of the interface."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citylake.schemas.base.declaration import LocalizedText
    from citylake.schemas.words.issue_type import IssueType

_MESSAGES = Path(__file__).resolve().parent / "messages"
_STOP = {"zh": "。", "en": "."}
_NOTHING = ("", "–", "—")
"""A suggestion without a proposal."""


@cache
def issue_types() -> Mapping[str, IssueType]:
    """Every issue type of the installed packs by its code.

    If a code is declared twice, the first declaration is used, and what is invalid is skipped: lint reports both,
    and a message must not fail because of them.
    """
    # Imported here and below: a command's help needs neither pydantic nor YAML.
    from pydantic import ValidationError
    from yaml import YAMLError

    from citylake.schemas.base.pack_folders import installed_packs
    from citylake.schemas.base.yaml_reader import read_yaml
    from citylake.schemas.words.issue_type import IssueType

    found: dict[str, IssueType] = {}
    for folder in installed_packs().values():
        for path in sorted((folder / "issues").glob("*.yaml")):
            with suppress(YAMLError, UnicodeDecodeError, OSError):
                entries = read_yaml(path)
                for entry in entries if isinstance(entries, list) else []:
                    with suppress(ValidationError):
                        issue = IssueType.model_validate(entry)
                        found.setdefault(issue.code, issue)
    return found


def issue_type(code: str) -> IssueType:
    """The issue type ``code``; raises KeyError if there is none."""
    return issue_types()[code]


@cache
def _load_words(name: str) -> Mapping[str, LocalizedText]:
    """Return the messages of one file by their keys: most commands say something from one or two of them."""
    from citylake.schemas.base.declaration import LocalizedText
    from citylake.schemas.base.yaml_reader import read_yaml

    path = _MESSAGES / f"{name}.yaml"
    entries = (read_yaml(path) or {}) if path.is_file() else {}
    return {f"{name}.{key}": LocalizedText.model_validate(entry) for key, entry in entries.items()}


def translate_key(key: str, language: str | None = None, **values: Any) -> str:
    """The message ``key`` (``<file>.<name>``) of the interface, with its placeholders filled."""
    return _load_words(key.partition(".")[0])[key].say(language or current_language()).format_map(values)


def translations_of(key: str) -> LocalizedText | None:
    """The message ``key`` of the interface in both languages; none if there is no such key."""
    return _load_words(key.partition(".")[0]).get(key)


def render_issue(code: str, values: Mapping[str, Any], language: str | None = None) -> str:
    """An issue in one or two sentences: what is wrong, and what to do."""
    language = language or current_language()
    what, todo = issue_message(code, values, language).rstrip(), issue_advice(code, values, language)
    # A reason from another library, at the end of a message, may have no full stop.
    what += "" if what.endswith(tuple("。！？…；.!?;")) else _STOP[language]
    return what + ("" if language == "zh" and what.endswith(tuple("。！？…；")) else " ") + todo


def issue_message(code: str, values: Mapping[str, Any], language: str) -> str:
    """What is wrong."""
    return issue_type(code).text.say(language).format_map(_KeepPlaceholders(_localize_values(values, language)))


def issue_advice(code: str, values: Mapping[str, Any], language: str) -> str:
    """What to do about it."""
    issue = issue_type(code)
    alone = issue.advice_alone if values.get("suggestion") in _NOTHING else None
    return (alone or issue.advice).say(language).format_map(_KeepPlaceholders(_localize_values(values, language)))


def _localize_values(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A value may itself be a text in both languages, ``{zh: …, en: …}``, as it is read from JSON."""
    both = {"zh", "en"}
    return {key: one[language] if isinstance(one, dict) and one.keys() == both else one for key, one in values.items()}


class _KeepPlaceholders(dict[str, Any]):
    """A placeholder without a value is shown by its name: rendering a message must never fail."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def current_language() -> str:
    """``zh`` or ``en``: from ``CITYLAKE_LANG``, else from the locale."""
    wanted = os.environ.get("CITYLAKE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"
