"""Recorded traffic (VCR's YAML), answered by the loopback server."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml


@dataclass(frozen=True)
class Recording:
    """One recorded exchange; the body is as it was before it was packed for the wire."""

    uri: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The URL's path, with doubled slashes made one."""
        return urlsplit(self.uri).path.replace("//", "/")

    @property
    def params(self) -> dict[str, str]:
        """The URL's query."""
        return dict(parse_qsl(urlsplit(self.uri).query))


def recordings(path: Path) -> list[Recording]:
    """Every exchange in a file, in order."""
    document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return [_recording(entry) for entry in document["interactions"]]


def answering(found: list[Recording], reply: Any, moved: tuple[str, str] = ("", "")) -> Callable[[Any], Any]:
    """An answer by the path alone, the last one that was recorded; links from ``moved[0]`` lead to ``moved[1]``."""
    by_path = {recording.path: recording for recording in found}

    def answer(asked: Any) -> Any:
        recording = by_path.get(asked.path)
        if recording is None:
            return reply({"code": "not.recorded", "message": asked.path}, status=404)
        body = recording.body.replace(moved[0].encode(), moved[1].encode()) if moved[0] else recording.body
        return reply(body, recording.status, recording.headers)

    return answer


def _recording(entry: dict[str, Any]) -> Recording:
    response = entry["response"]
    body = response["body"]["string"]
    body = body.encode() if isinstance(body, str) else body
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    kept = ("Content-Type", "ETag", "Last-Modified", "X-SODA2-Fields", "X-SODA2-Types")
    headers = {name: values[0] for name, values in response["headers"].items() if name in kept}
    return Recording(entry["request"]["uri"], response["status"]["code"], headers, body)
