"""A message: a title and a few lines, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from citylake.schemas.model.contract import Contract
from citylake.schemas.words.message_catalogue import translate_key

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


def build_message(name: str, *, steward: str | None = None, **values: Any) -> Message:
    """The words ``notify.<name>_title`` and ``notify.<name>``, filled; ``department`` says whose they are."""
    title = {each: translate_key(f"notify.{name}_title", each, **values) for each in LANGUAGES}
    text = {each: translate_key(f"notify.{name}", each, **values) for each in LANGUAGES}
    return Message(title, text, values.get("department"), steward)


def combine_messages(name: str, each: Sequence[Message]) -> Message:
    """Several messages as one, to the steward of the first: the words ``notify.<name>_title``, and a line a message."""
    title = {language: translate_key(f"notify.{name}_title", language, count=len(each)) for language in LANGUAGES}
    text = {language: "\n".join(f"- {one.text[language]}" for one in each) for language in LANGUAGES}
    return Message(title, text, each[0].department, each[0].steward)


def contract_placeholders(contract: Contract) -> dict[str, str | None]:
    """The values of a message on one dataset that its contract gives."""
    owner, title = contract.owner, contract.title
    return {
        "dataset": contract.dataset,
        "title_zh": title.zh,
        "title_en": title.en,
        "department": owner.department,
        "steward": owner.steward,
    }


def truncate_utf8(text: str, most: int) -> str:
    """``text`` in at most ``most`` bytes of UTF-8, in whole characters."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
