"""Esri JSON geometries as columns: points and WKT in WGS-84, and each as it came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.parse.given import Given
from pipelines.parse.projection import WGS84, Transform, transform
from pipelines.parse.wkt import Lines, text

_POINT = "esriGeometryPoint"
_NO_NUMBER = ("NaN", None)
Columns = dict[str, list[str | None]]


class Number(str):
    """A number's own text, told from a string's."""

    __slots__ = ()


def reference_of(said: Any) -> str:
    """A spatial reference by its number, the newer one first, or its WKT; empty where there is none."""
    found = said if isinstance(said, dict) else {}
    return str(found.get("latestWkid") or found.get("wkid") or found.get("wkt") or "")


@dataclass(frozen=True, slots=True)
class Shapes:
    """The geometries of some features, all in ``reference``; ``numbers`` are the features' in the page."""

    given: Given
    numbers: Sequence[int]
    shapes: Sequence[Any]
    reference: str
    kind: Any
    """The page's ``geometryType``."""

    def columns(self) -> Columns:
        """``geometry.longitude`` and ``.latitude``, or ``.wkt``; and ``.source``, ``.wkid``. None for a table."""
        points = [place for place, shape in enumerate(self.shapes) if self._has(shape, "x")]
        others = [place for place, shape in enumerate(self.shapes) if shape and not self._has(shape, "x")]
        if not points and not others and not self.kind:
            return {}
        change = self._transform(next(iter((*points, *others)), None))
        made: Columns = {}
        if points or self.kind == _POINT:
            made |= self._points(points, change)
        if others or (self.kind and self.kind != _POINT):
            made["geometry.wkt"] = self._texts(others, change)
        made["geometry.source"] = [None if shape is None else source_text(shape) for shape in self.shapes]
        made["geometry.wkid"] = [None if shape is None else self.reference for shape in self.shapes]
        return made

    def _transform(self, place: int | None) -> Transform | None:
        """None where nothing has to be changed; raises SPATIAL_REFERENCE_UNKNOWN."""
        if place is None or self.reference == WGS84:
            return None
        found = transform(self.reference)
        if found is None:
            told = self.reference[:100] or "-"
            raise self.given.fault("SPATIAL_REFERENCE_UNKNOWN", row=self.numbers[place], reference=told)
        return found

    def _points(self, places: Sequence[int], change: Transform | None) -> Columns:
        """An empty point (``NaN``, null) has no coordinates. Without a change, numbers stay as they were written."""
        made: Columns = {f"geometry.{name}": [None] * len(self.shapes) for name in ("longitude", "latitude")}
        known = [place for place in places if self.shapes[place]["x"] not in _NO_NUMBER]
        written = [(self.shapes[place]["x"], self.shapes[place].get("y")) for place in known]
        for place, pair in zip(known, written, strict=True):
            if not all(isinstance(number, Number) for number in pair):
                raise self._unknown(place)
        pairs = written if change is None else _shown(change(np.array(written, dtype=np.float64).reshape(-1, 2)))
        for place, (longitude, latitude) in zip(known, pairs, strict=True):
            made["geometry.longitude"][place] = str(longitude)
            made["geometry.latitude"][place] = str(latitude)
        return made

    def _texts(self, places: Sequence[int], change: Transform | None) -> list[str | None]:
        """Every coordinate of every geometry is changed at once."""
        made: list[str | None] = [None] * len(self.shapes)
        lines = [self._lines(place) for place in places]
        before = np.concatenate([line for _, each in lines for line in each] or [np.empty((0, 2))])
        after = before if change is None else change(before)
        at = 0
        for place, (kind, each) in zip(places, lines, strict=True):
            ends = np.cumsum([len(line) for line in each], dtype=np.int64) + at
            made[place] = text(kind, each, np.split(after[at : ends[-1]], ends[:-1] - at) if len(ends) else [])
            at = int(ends[-1]) if len(ends) else at
        return made

    def _lines(self, place: int) -> tuple[str, Lines]:
        """The kind of a geometry, and its lists of coordinates; raises GEOMETRY_UNKNOWN."""
        shape = self.shapes[place]
        try:
            if self._has(shape, "xmin"):
                low, high = (shape["xmin"], shape["ymin"]), (shape["xmax"], shape["ymax"])
                corners = [low, (low[0], high[1]), high, (high[0], low[1]), low]
                return "rings", [np.array(corners, dtype=np.float64)]
            kind = next(name for name in ("rings", "paths", "points") if name in shape)
            lists = [shape[kind]] if kind == "points" else shape[kind]
            return kind, [np.array([spot[:2] for spot in each], dtype=np.float64).reshape(-1, 2) for each in lists]
        except (StopIteration, TypeError, ValueError, KeyError):
            raise self._unknown(place) from None

    def _unknown(self, place: int) -> Exception:
        told = source_text(self.shapes[place])[:100]
        return self.given.fault("GEOMETRY_UNKNOWN", row=self.numbers[place], geometry=told)

    @staticmethod
    def _has(shape: Any, name: str) -> bool:
        return isinstance(shape, dict) and name in shape


def source_text(value: Any) -> str:
    """``value`` as JSON, every digit of its numbers as it came."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{source_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(source_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _shown(pairs: np.ndarray) -> list[tuple[str, str]]:
    """A place that the projection does not reach is ``inf``: the field that is bound to it refuses the row."""
    return [(repr(x), repr(y)) for x, y in pairs.tolist()]
