"""A fault as a value (Problem) and as the exception of citylake: an issue type and the values of its placeholders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citylake.schemas.words.issue_type import IssueType


@dataclass(frozen=True, slots=True)
class Problem:
    """An issue of a whole receipt, batch or mart: the issue type's code and the values of its placeholders."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


class CitylakeError(Exception):
    """A fault that a person can fix: what is wrong, where, and what to do.

    ``code`` names an issue type of the catalogue (``issues/`` of a pack); ``values`` fill its placeholders.
    """

    others: tuple[Problem, ...] = ()
    """Other problems that were found before, to be reported with it."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return self.say("en")

    @property
    def issue(self) -> IssueType:
        """The issue type, with its severity and who can fix it."""
        from citylake.schemas.words.message_catalogue import issue_type

        return issue_type(self.code)

    @property
    def problem(self) -> Problem:
        """The fault as a value, to be stored with a receipt or batch."""
        return Problem(self.code, self.values)

    def say(self, language: str) -> str:
        """What is wrong and what to do, in ``language``."""
        from citylake.schemas.words.message_catalogue import render_issue

        return render_issue(self.code, self.values, language)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild_error, (type(self), self.code, self.values))


def _rebuild_error(kind: type[CitylakeError], code: str, values: dict[str, Any]) -> CitylakeError:
    return kind(code, **values)
