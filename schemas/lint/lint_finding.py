"""The results of lint: a check returns faults with their location, and a person gets findings with a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.read.registry import YamlLocation
from citylake.schemas.words.issue_type import Severity
from citylake.schemas.words.message_catalogue import (
    current_language,
    issue_advice,
    issue_message,
    issue_type,
    render_issue,
)


@dataclass(frozen=True, slots=True)
class LintFault:
    """A fault in a declaration: the issue type, its location, and the values of its placeholders."""

    code: str
    place: YamlLocation
    values: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    """The line, if the reader of the file has found it already."""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A fault with its file, its line, and what to write instead."""

    code: str
    severity: Severity
    path: Path
    line: int
    values: Mapping[str, Any]
    keys: tuple[str | int, ...] = ()
    """The keys in the file, down to what has the fault."""

    @property
    def suggestion(self) -> str:
        """What to write instead, as names to choose from; empty if there are none."""
        return str(self.values.get("suggestion", ""))

    def message(self, language: str) -> str:
        """What is wrong."""
        return issue_message(self.code, self._localized_values(language), language)

    def advice(self, language: str) -> str:
        """What to do."""
        return issue_advice(self.code, self._localized_values(language), language)

    def _localized_values(self, language: str) -> dict[str, Any]:
        return {
            key: value.say(language) if isinstance(value, LocalizedText) else value
            for key, value in self.values.items()
        }

    def say(self, language: str | None = None) -> str:
        """One line in the format of compilers: ``file:line: severity CODE what is wrong; what to do``."""
        language = language or current_language()
        words = render_issue(self.code, self._localized_values(language), language)
        return f"{display_path(self.path)}:{self.line}: {self.severity} {self.code} {words}"

    def as_json(self, language: str | None = None) -> dict[str, Any]:
        """The finding for JSON, in ``language`` and with both texts; ``candidates`` are names to choose from."""
        language = language or current_language()
        return {
            "code": self.code,
            "severity": self.severity,
            "file": display_path(self.path),
            "line": self.line,
            "message": self.message(language),
            "suggestion": self.advice(language),
            "candidates": [word for word in self.suggestion.split(", ") if word not in ("", "–")],
            "text": {each: render_issue(self.code, self._localized_values(each), each) for each in ("zh", "en")},
        }


def build_finding(fault: LintFault, line: int) -> LintFinding:
    """``fault`` at ``line`` of its file, with the severity of its issue type."""
    values = {key: _readable_value(value) for key, value in fault.values.items()}
    return LintFinding(
        fault.code, issue_type(fault.code).severity, fault.place.path, line, values, tuple(fault.place.keys)
    )


def display_path(path: Path) -> str:
    """``path`` relative to the current folder, if it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _readable_value(value: Any) -> Any:
    return ", ".join(str(item) for item in value) or "–" if isinstance(value, list | tuple) else value
