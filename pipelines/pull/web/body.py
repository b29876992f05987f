"""An answer's body on its way into a scratch file: limited, timed, and continued where it broke off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

_CHUNK = 1 << 20


@dataclass(slots=True)
class Body:
    """One body; ``check(size)`` is called with the bytes so far and raises where they are too many, or too late.

    A body that broke off is continued with ``Range`` where the server told a strong ``ETag`` and did not pack it.
    """

    path: Path
    size: int = 0
    etag: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What to add to the next request so that only the rest is sent."""
        if not self.size or not self.etag:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.etag, "Accept-Encoding": "identity"}

    def receive(self, response: httpx.Response, check: Callable[[int], None]) -> None:
        """Append what comes where it is the rest, else begin anew."""
        if not self._continues(response):
            self.size, self.etag = 0, _strong(response)
        with self.path.open("r+b" if self.size else "wb") as file:
            file.seek(self.size)
            file.truncate()
            for chunk in response.iter_bytes(_CHUNK):
                self.size += len(chunk)
                check(self.size)
                file.write(chunk)

    def _continues(self, response: httpx.Response) -> bool:
        start = response.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
        return response.status_code == httpx.codes.PARTIAL_CONTENT and bool(self.size) and start == str(self.size)


def _strong(response: httpx.Response) -> str | None:
    etag: str | None = response.headers.get("etag")
    packed = response.headers.get("content-encoding", "identity") != "identity"
    return None if packed or etag is None or etag.startswith("W/") else etag
