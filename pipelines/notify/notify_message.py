"""Notification messages: a title and a few lines, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from citylake.schemas.model.contract import Contract
from citylake.schemas.words.message_catalogue import translate_key

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` and ``text`` by language. ``department`` and ``steward``: the owner of the dataset concerned."""

    title: dict[str, str]
    text: dict[str, str]
    department: str | None = None
    steward: str | None = None

    @property
    def subject(self) -> str:
        """The title in both languages on one line."""
        return " · ".join(self.title[language] for language in LANGUAGES)

    def lines(self, bold: str) -> str:
        """Return title and text, Chinese first. ``bold`` is the markup before and after a title."""
        return "\n\n".join(f"{bold}{self.title[each]}{bold}\n{self.text[each]}" for each in LANGUAGES)


def build_message(name: str, *, steward: str | None = None, **values: Any) -> Message:
    """Build the message ``notify.<name>_title`` and ``notify.<name>`` with ``values`` as placeholders.

    ``department`` in ``values`` is the owner of the data.
    """
    title = {each: translate_key(f"notify.{name}_title", each, **values) for each in LANGUAGES}
    text = {each: translate_key(f"notify.{name}", each, **values) for each in LANGUAGES}
    return Message(title, text, values.get("department"), steward)


def combine_messages(name: str, each: Sequence[Message]) -> Message:
    """Combine messages into one list with the title ``notify.<name>_title``, addressed to the first one's steward."""
    title = {language: translate_key(f"notify.{name}_title", language, count=len(each)) for language in LANGUAGES}
    text = {language: "\n".join(f"- {one.text[language]}" for one in each) for language in LANGUAGES}
    return Message(title, text, each[0].department, each[0].steward)


def contract_placeholders(contract: Contract) -> dict[str, str | None]:
    """Return the placeholder values that come from a dataset's contract."""
    owner, title = contract.owner, contract.title
    return {
        "dataset": contract.dataset,
        "title_zh": title.zh,
        "title_en": title.en,
        "department": owner.department,
        "steward": owner.steward,
    }


def truncate_utf8(text: str, most: int) -> str:
    """Truncate ``text`` to at most ``most`` bytes of UTF-8, at a character boundary, with a trailing ``…``."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
