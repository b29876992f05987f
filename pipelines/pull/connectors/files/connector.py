"""The connector ``files``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.files.files_source import FilesSource
from citylake.pipelines.pull.state_types import ConnectorState


class FileState(ConnectorState):
    """What identifies the version of a file without reading it."""

    source: str
    size: int | None = None
    changed_at: float | None = None
    etag: str | None = None


class FilesConnector(Connector[FilesSource]):
    """Files by path, glob or fsspec URL, and members of zips."""

    source_model = FilesSource
    state_model = FileState

    def fetches(self, source: FilesSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`files_fetches`."""
        from citylake.pipelines.pull.connectors.files.fetch_files import files_fetches

        return files_fetches(source, pulling)
