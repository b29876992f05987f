"""Access to a store over a connection of its own, with retries after transient faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import stamina

from citylake.pipelines.pull.connectors.files.filesystem import open_source_filesystem
from citylake.pipelines.pull.connectors.files.storage_errors import is_storage_error, translate_storage_error
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.rate_limit import TransientError, should_retry
from citylake.schemas.words.errors import CitylakeError

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class FileStore:
    """One file system during one pull: ``url`` is any URL in it, empty for local files."""

    url: str
    access: Credentials
    attempts: int
    _fs: Any = None

    def ask(self, shown: str, question: Callable[[Any], T]) -> T:
        """The result of ``question`` on the file system; its faults are raised as CitylakeError."""
        try:
            return self._once(shown, question)
        except TransientError as error:
            return self._again(shown, question, error)

    def _again(self, shown: str, question: Callable[[Any], T], error: TransientError) -> T:
        # Most calls succeed at once: the retries are set up only for those that do not.
        first: TransientError | None = error
        retries = stamina.retry_context(
            on=should_retry, attempts=self.attempts, timeout=None, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )
        for attempt in retries:
            with attempt:
                if first is not None:
                    failed, first = first, None
                    raise failed
                found = self._once(shown, question)
        return found

    def uses(self, fs: Any) -> bool:
        """Whether ``fs`` is the connection in use and has not been lost."""
        return fs is self._fs

    def _once(self, shown: str, question: Callable[[Any], T]) -> T:
        try:
            if self._fs is None:
                self._fs = open_source_filesystem(self.url, self.access)
            return question(self._fs)
        except CitylakeError:
            raise
        except Exception as error:
            if not is_storage_error(error):
                raise
            fault = translate_storage_error(error, shown, self.access)
        if isinstance(fault, TransientError):
            # The connection cannot be used again.
            self._fs = None
        # The cause may contain the credentials: it must not appear in a traceback.
        raise fault
