"""A paged service whose rows come and go while they are read, which fails, and which may lie once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

URL = "http://127.0.0.1:9/rows"
Way = Literal["page", "offset", "mark", "keyset", "link"]
Row = dict[str, int]

PAGING: dict[Way, dict[str, Any]] = {
    "page": {"by": "page", "param": "page"},
    "offset": {"by": "offset", "param": "offset"},
    "mark": {"by": "cursor", "param": "mark", "next": "next"},
    "keyset": {"by": "cursor", "param": "after", "next": "next"},
    "link": {"by": "link", "next": "next"},
}


@dataclass(frozen=True)
class Edit:
    """Before the ``gap``-th request, a row comes or goes at a place between 0 and 1."""

    gap: int
    inserts: bool
    place: float


@dataclass(frozen=True)
class Manners:
    """``told``: how each answer tells the count; ``faults``: by the request's number; ``lie``: at one request.

    ``keyed``: rows show their key; without it, two may look alike.
    """

    way: Way
    size: int
    told: Literal["number", "text", "never", "first", "odd"]
    faults: dict[int, str]
    lie: tuple[int, str] | None
    clamps: bool
    keyed: bool


def _sent(body: bytes) -> httpx.Response:
    """A body that is still on the wire."""
    return httpx.Response(200, stream=httpx.ByteStream(body))


class _Cut(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body[: len(self.body) // 2]
        raise httpx.ReadError("the body breaks off")


@dataclass
class Shifting:
    """The rows, ordered by ``k``; every state that they had; and the states that whole answers showed."""

    rows: list[Row]
    edits: list[Edit]
    manners: Manners
    asked: int = 0
    history: list[list[Row]] = field(default_factory=list)
    shown: list[list[Row]] = field(default_factory=list)
    came: set[int] = field(default_factory=set)
    went: set[int] = field(default_factory=set)
    lied: bool = False
    before: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.history.append(self.visible(self.rows))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        self._edit()
        fault = self.manners.faults.get(self.asked)
        document = self._document(dict(request.url.params))
        self.asked += 1
        if fault in ("429", "503"):
            return httpx.Response(int(fault), headers={"Retry-After": "0"}, content=b"later")
        if fault == "html":
            return _sent(b"<html>sign in</html>")
        if fault == "code":
            return _sent(b'{"code": 500, "msg": "busy"}')
        body = json.dumps(document).encode()
        if fault == "cut":
            return httpx.Response(200, headers={"Content-Length": str(len(body))}, stream=_Cut(body))
        self.shown.append(self.visible(self.rows))
        self.before = document
        return _sent(body)

    def visible(self, rows: list[Row]) -> list[Row]:
        """What a client sees of ``rows``."""
        return [dict(row) if self.manners.keyed else {"v": row["v"]} for row in rows]

    def _edit(self) -> None:
        for edit in self.edits:
            if edit.gap == self.asked and self.asked:
                self._insert(edit.place) if edit.inserts else self._delete(edit.place)
                self.history.append(self.visible(self.rows))

    def _insert(self, place: float) -> None:
        at = round(place * len(self.rows))
        low = self.rows[at - 1]["k"] if at else 0
        high = self.rows[at]["k"] if at < len(self.rows) else low + 2**40
        row = {"k": (low + high) // 2, "v": len(self.came) + 20_000}
        self.came.add(row["k"])
        self.rows.insert(at, row)

    def _delete(self, place: float) -> None:
        if self.rows:
            self.went.add(self.rows.pop(round(place * (len(self.rows) - 1)))["k"])

    def _document(self, params: dict[str, str]) -> dict[str, Any]:
        start, number = self._place(params)
        found = self.rows[start : start + self.manners.size]
        more = start + self.manners.size < len(self.rows)
        document: dict[str, Any] = {
            "code": 0,
            "rows": self.visible(found),
            "next": self._next(start, found) if more else None,
        }
        told = self.manners.told
        if told in ("number", "text") or (told == "first" and number == 0) or (told == "odd" and self.asked % 2):
            document["total"] = str(len(self.rows)) if told == "text" else len(self.rows)
        if self.manners.lie and self.manners.lie[0] == self.asked:
            document = self._lying(document, self.manners.lie[1])
        return document

    def _place(self, params: dict[str, str]) -> tuple[int, int]:
        size = self.manners.size
        if self.manners.way == "keyset":
            after = int(params.get("after", 0))
            return sum(1 for row in self.rows if row["k"] <= after), after
        name = {"page": "page", "offset": "offset", "mark": "mark", "link": "p"}[self.manners.way]
        at = int(params.get(name, 1 if name == "page" else 0))
        start = {"page": (at - 1) * size, "link": at * size}.get(self.manners.way, at)
        if self.manners.clamps and self.manners.way == "page" and start >= len(self.rows) and self.rows:
            start = (len(self.rows) - 1) // size * size
        return start, start

    def _next(self, start: int, found: list[Row]) -> Any:
        upto = start + self.manners.size
        return {"keyset": found[-1]["k"], "mark": upto, "link": f"/rows?p={upto // self.manners.size}"}.get(
            self.manners.way
        )

    def _lying(self, document: dict[str, Any], lie: str) -> dict[str, Any]:
        self.lied = True
        if lie == "short":
            return {**document, "rows": document["rows"][:-1]}
        if lie == "repeated":
            return self.before or document
        if lie == "ends":
            return {**document, "next": None}
        if self.manners.way != "link":
            return document
        return {**document, "next": {"away": "http://127.0.0.2:9/rows?p=1", "loop": "/rows"}[lie]}
