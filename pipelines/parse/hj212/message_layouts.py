"""Messages of a layout that was read before, many at a time: a device sends the same fields hour after hour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from citylake.pipelines.parse.hj212.frames import Piece
from citylake.pipelines.parse.hj212.message import CONTENT, HIDDEN, Message
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.row_buffer import PlacedRow

KNOWN_LAYOUTS = 1_000
_HELD_MESSAGES = 5_000
_PAIR = r"[^;,=\s]+=[^;,=\s]*"
_PAIRS = re.compile(f"{_PAIR}(?:[;,]{_PAIR})*")
_SPLIT = re.compile("[;,=]")
_NUMBER = "_number"
_Key = tuple[int, tuple[str, ...]]


class Layout(NamedTuple):
    """Columns by the place of their value: of the whole message, and of each factor; and the place of its command."""

    whole: tuple[tuple[str, int], ...]
    factors: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    command: int


@dataclass(slots=True)
class _Held:
    values: list[Sequence[str]] = field(default_factory=list)
    offsets: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class LayoutRows:
    """Gathers messages whose layout is known, and gives their rows as columns.

    ``per_factor``: a row for each factor, or one for each message. What it does not take is read one by one.
    """

    per_factor: bool
    commands: frozenset[str]
    messages: int = 0
    """Messages that were taken."""
    _known: dict[_Key, Layout] = field(default_factory=dict)
    _held: dict[_Key, _Held] = field(default_factory=dict)
    _part: str = ""
    _first: int = 0
    _rows: int = 0
    _count: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the rows should be taken away."""
        return self._count >= _HELD_MESSAGES

    def take(self, piece: Piece, text: str, number: int) -> int:
        """The rows of the message, of which the first has the number after ``number``; 0 if it is not taken."""
        if (self._rows and piece.part != self._part) or not (found := _split(text)):
            return 0
        key, values = found
        layout = self._known.get(key)
        if layout is None or values[layout.command] not in self.commands:
            return 0
        if not self._rows:
            self._part, self._first = piece.part, number + 1
        held = self._held.setdefault(key, _Held())
        held.values.append(values)
        held.offsets.append(f"{piece.offset}")
        held.numbers.append(number + 1)
        rows = len(layout.factors) if self.per_factor else 1
        self._rows += rows
        self._count += 1
        self.messages += 1
        return rows

    def learn(self, text: str, message: Message) -> None:
        """Note the layout of a message that was read one by one and gave rows."""
        if "PNUM" in message.head or len(self._known) >= KNOWN_LAYOUTS or not (found := _split(text)):
            return
        (heads, names), _ = found
        if "CN" not in names[:heads]:
            return
        whole = [(name, place) for place, name in enumerate(names) if name != HIDDEN]
        factors: dict[str, list[tuple[str, int]]] = {}
        for place, name in enumerate(names[heads:], heads):
            factor, dash, kind = name.partition("-")
            if dash:
                factors.setdefault(factor, []).append((kind, place))
        inside = {place for kinds in factors.values() for _, place in kinds}
        outside = tuple((name, place) for name, place in whole if place not in inside)
        if len({name for name, _ in outside}) == len(outside):
            layout = Layout(outside, tuple((name, tuple(kinds)) for name, kinds in factors.items()), names.index("CN"))
            self._known[heads, names] = layout

    def taken(self) -> Iterator[PlacedRow]:
        """The rows that are held, in order."""
        if not self._rows:
            return
        frames = [frame for key, held in self._held.items() for frame in self._frames(self._known[key], held)]
        filled = sum(frame.width * frame.height for frame in frames)
        whole = pl.concat(frames, how="diagonal").sort(_NUMBER).drop(_NUMBER)
        yield self._part, self._first, RecordFrame(whole.select(pl.all().replace({"": None})), filled)
        self._held, self._rows, self._count = {}, 0, 0

    def _frames(self, layout: Layout, held: _Held) -> Iterator[pl.DataFrame]:
        columns = list(zip(*held.values, strict=True))
        whole = {"offset": held.offsets, **{name: columns[place] for name, place in layout.whole}}
        shared = pl.DataFrame(whole, schema=dict.fromkeys(whole, pl.String()))
        numbers = pl.Series(_NUMBER, held.numbers, dtype=pl.Int64())
        if not self.per_factor:
            named = [(f"{factor}-{kind}", place) for factor, kinds in layout.factors for kind, place in kinds]
            yield shared.with_columns(_texts(columns, named)).with_columns(numbers)
            return
        for later, (factor, kinds) in enumerate(layout.factors):
            texts = _texts(columns, [(f"factor-{kind}", place) for kind, place in kinds])
            yield shared.with_columns(pl.lit(factor).alias("factor"), *texts).with_columns(numbers + later)


def _texts(columns: Sequence[Sequence[str]], named: Sequence[tuple[str, int]]) -> list[pl.Series]:
    return [pl.Series(name, columns[place], dtype=pl.String()) for name, place in named]


def _split(text: str) -> tuple[_Key, Sequence[str]] | None:
    """The names in order, with how many of them are before the content, and the values; None if it is not so plain."""
    head, found, content = text.partition(CONTENT)
    plain = head + content[:-2].removesuffix(";")
    if not found or "," in head or not head.endswith(";") or not content.endswith("&&") or not _PAIRS.fullmatch(plain):
        return None
    parts = _SPLIT.split(plain)
    return (head.count("="), tuple(parts[::2])), parts[1::2]
