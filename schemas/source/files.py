"""Files by path, glob or URL."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.source.base import SourceBase


class FilesSource(SourceBase):
    """Files by path, glob or URL (``s3://…``, any fsspec scheme); ``member`` picks members of a zip by glob.

    A file's name is its path below the first wildcard. A member's is its path in the zip, after the zip's name and
    ``!`` where ``path`` may match several zips.
    """

    connector: Literal["files"]
    path: str | tuple[str, ...]
    member: str | None = None
    max_bytes: int = Field(50_000_000_000, gt=0)
    """A larger file, or member once unpacked, is refused."""
