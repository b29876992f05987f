"""The text of a frame: its head, its times and other values, and its factors."""

from __future__ import annotations

from dataclasses import dataclass, field

from citylake.pipelines.parse.refused_frames import Reason

HIDDEN = "PW"
CONTENT = "CP=&&"
_SEGMENTED = 2
"""The bit of Flag that says that a message has segments."""


@dataclass(slots=True)
class Message:
    """``head``: QN, ST, CN, MN, Flag, PNUM, PNO, never PW. ``values``: DataTime and other values without a factor.

    ``factors``: factor → kind (Rtd, Avg, Min, Max, Cou, Flag, …) → value.
    """

    head: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    factors: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def segments(self) -> int:
        """How many segments the message has; 1 if it is whole."""
        count = self.head.get("PNUM", "")
        return int(count) if count.isdecimal() and self._is_segmented else 1

    @property
    def _is_segmented(self) -> bool:
        flag = self.head.get("Flag", "")
        return not flag.isdecimal() or bool(int(flag) & _SEGMENTED)

    @property
    def is_data(self) -> bool:
        """Whether it reports something; a request has the same command and no data."""
        return bool(self.factors) or "DataTime" in self.values


def parse_message(text: str) -> Message | Reason:
    """The message, or why it is none."""
    head, found, content = text.partition(CONTENT)
    if not found or not content.endswith("&&"):
        return ("HJ212_FIELD_BROKEN", text[-40:], CONTENT)
    message = Message({})
    for item in head.split(";"):
        if item and (broken := _put(message.head, item.strip(), item)):
            return broken
    message.head.pop(HIDDEN, None)
    for group in content[:-2].split(";"):
        for item in group.split(","):
            if item and (broken := _put_value(message, item.strip())):
                return broken
    message.values.pop(HIDDEN, None)
    return message


def _put_value(message: Message, item: str) -> Reason | None:
    factor, dash, rest = item.partition("-")
    if not dash or "=" in factor:
        return _put(message.values, item, item)
    values = message.factors.get(factor)
    if values is None:
        values = message.factors[factor] = {}
    return _put(values, rest, item)


def _put(into: dict[str, str], item: str, shown: str) -> Reason | None:
    name, found, value = item.partition("=")
    if not found or not name or name in into:
        return ("HJ212_FIELD_BROKEN", shown if not shown.startswith(HIDDEN) else HIDDEN, "=")
    into[name] = value
    return None
