"""Access to a store over a connection of its own, with retries after transient faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.pull.connectors.files.filesystem import open_source_filesystem
from citylake.pipelines.pull.connectors.files.storage_errors import is_storage_error, translate_storage_error
from citylake.pipelines.pull.connectors.files.store_limits import StoreLimits
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.rate_limit import TransientError, should_retry
from citylake.pipelines.pull.time_limit import answer_within
from citylake.schemas.words.errors import CitylakeError

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class FileStore:
    """One file system during one pull: ``url`` is any URL in it, empty for local files."""

    url: str
    access: Credentials
    attempts: int
    limits: StoreLimits = field(default_factory=StoreLimits)
    _fs: Any = None

    def ask(self, shown: str, question: Callable[[Any], T]) -> T:
        """The result of ``question`` on the file system; its faults are raised as CitylakeError."""
        retries = retry_attempts(
            should_retry, attempts=self.attempts, timeout=None, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )
        for attempt in retries:
            with attempt:
                found = self._once(shown, question)
        return found

    def uses(self, fs: Any) -> bool:
        """Whether ``fs`` is the connection in use and has not been lost."""
        return fs is self._fs

    def close_stream(self, stream: Any) -> None:
        """Close a stream that has been read; a connection that does not even do this is not used again."""
        if not self.url:
            stream.close()
            return
        try:
            answer_within(self.limits.timeout_s, stream.close)
        except Exception as error:
            if not is_storage_error(error):
                raise
            self._fs = None

    def _once(self, shown: str, question: Callable[[Any], T]) -> T:
        try:
            return self._in_time(shown, question)
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

    def _in_time(self, shown: str, question: Callable[[Any], T]) -> T:
        """Also of a file system without time limits of its own. Raises PULL_TOO_LONG, TimeoutError."""
        limit_s, known = self.limits.call_s(shown), self._fs

        def answer() -> tuple[Any, T]:
            fs = open_source_filesystem(self.url, self.access, self.limits.timeout_s) if known is None else known
            return fs, question(fs)

        if not self.url:
            self._fs, found = answer()
            return found
        try:
            self._fs, found = answer_within(limit_s, answer)
        except TimeoutError:
            self.limits.call_s(shown)
            raise
        return found
