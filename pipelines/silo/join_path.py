"""A way by which the rows of two datasets may meet, and the SQL conditions that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.join_domains import KeyColumn
from citylake.schemas.words.message_catalogue import translate_key

Side = Literal["left", "right"]
PairKind = Literal["equal", "day", "valid"]
PathKind = Literal["direct", "period", "register", "place_time", "date", "nearest"]
NEAREST_KM = 1.0
"""The greatest distance of two places that meet, in kilometres."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two columns whose values meet: if they are ``equal``, on the same local ``day``, or while an entry is ``valid``.

    With ``valid``, one column is a time, and the other is ``until``'s partner: the first day of the entry.
    ``valid_side`` is the side with the entry.
    """

    left: KeyColumn
    right: KeyColumn
    how: PairKind = "equal"
    until: str | None = None
    valid_side: Side = "right"

    def turned(self) -> KeyPair:
        """Return the pair as seen from the other side."""
        side: Side = "left" if self.valid_side == "right" else "right"
        return KeyPair(self.right, self.left, self.how, self.until, side)

    def keys(self, side: Side, alias: str) -> list[str]:
        """Return the SQL expressions of one side: one, or the two ends of a validity."""
        column = self.left if side == "left" else self.right
        name = f"{alias}.{sql_identifier(column.column)}"
        if self.how == "valid" and side == self.valid_side:
            return [name, f"{alias}.{sql_identifier(self.until or '')}"]
        return [f"CAST({name} AS DATE)" if self.how != "equal" and column.kind == "moment" else name]

    def say(self, language: str) -> str:
        """Return the pair in words; columns of one name are named once."""
        if self.how == "equal" and self.left.column == self.right.column:
            return self.left.column
        return translate_key(f"join.by_{self.how}", language, left=self.left.column, right=self.right.column)

    def condition(self, left: list[str], right: list[str]) -> str:
        """Return the SQL condition over the two sides' expressions."""
        if self.how != "valid":
            return f"{left[0]} = {right[0]}"
        (since, until), (day,) = (left, right) if self.valid_side == "left" else (right, left)
        return f"{day} >= {since} AND ({until} IS NULL OR {day} < {until})"


@dataclass(frozen=True, slots=True)
class RegisterStep:
    """A third dataset that has a column of each side: ``entry`` meets the left side, ``exit`` the right one."""

    dataset: str
    entry: KeyColumn
    exit: KeyColumn
    until: str | None = None
    """The column with the first day after an entry's validity. Only entries without one are read."""


@dataclass(frozen=True, slots=True)
class JoinPath:
    """One way from ``left`` to ``right``. Through a register, ``pairs`` has the two columns that meet its columns."""

    left: str
    right: str
    kind: PathKind
    pairs: tuple[KeyPair, ...]
    declared: bool = False
    """Whether a contract declares it as a reference."""
    register: RegisterStep | None = None
    names_entry: bool = True
    """Whether it has every column of one side's key, so that a row has one partner there by declaration."""

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The columns that meet, left and right."""
        return [(pair.left.column, pair.right.column) for pair in self.pairs]

    @property
    def exact_pairs(self) -> tuple[KeyPair, ...]:
        """The pairs that meet by equality."""
        return tuple(pair for pair in self.pairs if pair.how != "valid")

    @property
    def by_identity(self) -> bool:
        """Whether names of things meet, not only times or places."""
        return any(pair.left.kind in ("identifier", "code", "name") for pair in self.pairs)

    def say(self, language: str) -> str:
        """Return the path in words: its columns, and how they meet."""
        if self.kind == "nearest":
            return translate_key("join.by_near", language, km=f"{NEAREST_KM:g}")
        if self.register:
            ends = {"left": self.pairs[0].left.column, "right": self.pairs[0].right.column}
            return translate_key("join.by_register", language, register=self.register.dataset, **ends)
        return translate_key("join.and", language).join(pair.say(language) for pair in self.pairs)
