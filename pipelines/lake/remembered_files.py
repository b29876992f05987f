"""The object store as the engine reads it: a data file is asked about once per process, because it never changes.

DuckDB asks a dozen times for the size and the time of each file of a query. The file's name is in a Delta log, and no
other file ever gets it. Only files that exist are remembered: one that is deleted is missed when it is read.
"""

from __future__ import annotations

from typing import Any

from s3fs import S3FileSystem

DATA_FILE = ".parquet"
_MOST = 100_000
"""The number of files that are remembered; a process that has met more forgets all of them."""


class RememberingS3(S3FileSystem):  # type: ignore[misc]
    """S3 of which the answers about data files are kept."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known: dict[str, dict[str, Any]] = {}

    async def _info(self, path: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        name = self._strip_protocol(path)
        if name not in self._known:
            found: dict[str, Any] = await super()._info(path, *arguments, **options)
            if not name.endswith(DATA_FILE) or found.get("type") != "file":
                return found
            if len(self._known) >= _MOST:
                self._known.clear()
            # Without its ETag: with one, a file that was damaged or repaired in its place could not be read at all.
            self._known[name] = {key: value for key, value in found.items() if key != "ETag"}
        return dict(self._known[name])

    def invalidate_cache(self, path: str | None = None) -> None:
        """Ask again: s3fs calls this for whatever is written or deleted through it."""
        super().invalidate_cache(path)
        if path is not None:
            self._known.pop(self._strip_protocol(path), None)
