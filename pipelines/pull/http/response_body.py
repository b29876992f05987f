"""Receiving a body into a scratch file, with limits of size and time; an interrupted one is continued."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from citylake.pipelines.pull.http.content_encoding import decode_body

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(slots=True)
class ResponseBody:
    """One body; ``check(size)`` is called with the number of bytes so far and raises if a limit is exceeded.

    An interrupted body is continued with ``Range`` if the server sent a strong ``ETag`` and no content encoding.
    """

    path: Path
    size: int = 0
    etag: str | None = None
    """Of an interrupted body; None if it is complete."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the next request, so that only the rest is sent."""
        if not self.size or not self.etag:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.etag, "Accept-Encoding": "identity"}

    def admit(self, response: httpx.Response) -> None:
        """Raise ``httpx.RemoteProtocolError`` for a wrong range: the next request is for the whole body."""
        partial = response.status_code == httpx.codes.PARTIAL_CONTENT
        beyond = response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and bool(self.headers)
        if beyond or (partial and not self._continues(response)):
            self.size, self.etag = 0, None
            raise httpx.RemoteProtocolError("a part that was not asked for")

    def receive(self, response: httpx.Response, check: Callable[[int], None]) -> None:
        """Append the response if it is the rest, else replace what came before."""
        whole = None
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            whole = _content_range(response)[1]
        else:
            self.size, self.etag = 0, _strong_etag(response)
        with self.path.open("r+b" if self.size else "wb") as file:
            file.seek(self.size)
            file.truncate()
            # Unbuffered: what a larger chunk still waits for would be lost with the connection.
            for chunk in decode_body(response):
                self.size += len(chunk)
                check(self.size)
                file.write(chunk)
        if whole not in (None, "*", str(self.size)):
            raise httpx.RemoteProtocolError(f"{self.size} bytes of {whole}")
        self.etag = None

    def _continues(self, response: httpx.Response) -> bool:
        same = response.headers.get("etag", self.etag) == self.etag
        return (
            bool(self.headers)
            and same
            and not _is_compressed(response)
            and _content_range(response)[0] == str(self.size)
        )


def _content_range(response: httpx.Response) -> tuple[str, str]:
    """The first byte and the total length of a range; empty if the server does not say."""
    found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    return (found[1], found[2]) if found else ("", "")


def _strong_etag(response: httpx.Response) -> str | None:
    etag: str | None = response.headers.get("etag")
    return None if _is_compressed(response) or etag is None or etag.startswith("W/") else etag


def _is_compressed(response: httpx.Response) -> bool:
    return bool(response.headers.get("content-encoding", "identity") != "identity")
