"""A message: a title and a few lines, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.catalogue import word

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` and ``text`` by language; about whose data it is."""

    title: dict[str, str]
    text: dict[str, str]
    department: str | None = None
    steward: str | None = None

    @property
    def subject(self) -> str:
        """Both titles on one line."""
        return " · ".join(self.title[language] for language in LANGUAGES)

    def lines(self, bold: str) -> str:
        """Title and text in one language after the other; ``bold`` is what a title is put between."""
        return "\n\n".join(f"{bold}{self.title[each]}{bold}\n{self.text[each]}" for each in LANGUAGES)


def message(name: str, *, steward: str | None = None, **values: Any) -> Message:
    """The words ``notify.<name>_title`` and ``notify.<name>``, filled; ``department`` says whose they are."""
    title = {each: word(f"notify.{name}_title", each, **values) for each in LANGUAGES}
    text = {each: word(f"notify.{name}", each, **values) for each in LANGUAGES}
    return Message(title, text, values.get("department"), steward)


def cut(text: str, most: int) -> str:
    """``text`` in at most ``most`` bytes of UTF-8, in whole characters."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
