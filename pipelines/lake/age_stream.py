"""Streams that encrypt and decrypt by age (https://age-encryption.org/v1): chunks of 64 KiB, each authenticated.

``pyrage`` reads from one stream and writes to another until the end. A thread of its own and a pipe make of that a
stream which a caller writes to, or reads from; memory is that of the pipe and one chunk.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from citylake.pipelines.lake.seal_keys import SealKeys

if TYPE_CHECKING:
    from typing_extensions import Buffer


class WrongKeyError(Exception):
    """The file is sealed for none of the keys."""


class _Pipe:
    """Work in a thread, at one end of a pipe; the other end is the caller's."""

    def __init__(self, work: Callable[[Any], None], mine: int, other: int, mode: str) -> None:
        self.fd, self.fault = mine, None
        self._thread = Thread(target=self._run, args=(work, other, mode), name="citylake-age", daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Any], None], other: int, mode: str) -> None:
        try:
            with open(other, mode, buffering=0) as end:
                work(end)
        except BaseException as error:
            self.fault = error

    def join(self) -> BaseException | None:
        """Wait for the work to end; returns its fault."""
        self._thread.join()
        return self.fault

    fault: BaseException | None


class SealingStream(io.RawIOBase):
    """What is written arrives in ``out`` encrypted; complete once this is closed. Raises OSError of ``out``."""

    def __init__(self, out: IO[bytes], keys: SealKeys) -> None:
        super().__init__()
        self._out = _Noting(out)
        ours, theirs = _pipe(write=True)
        self._pipe = _Pipe(lambda end: _encrypt(end, self._out, keys), ours, theirs, "rb")

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Write all of ``data``."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            while done < len(view):
                done += os.write(self._pipe.fd, view[done:])
        except BrokenPipeError as error:
            raise self._fault() or error from None
        return done

    def close(self) -> None:
        """Write what is left; raises OSError if ``out`` did not take all."""
        if self.closed:
            return
        super().close()
        os.close(self._pipe.fd)
        if fault := self._fault():
            raise fault

    def _fault(self) -> BaseException | None:
        found = self._pipe.join()
        # age tells of a fault of its stream by its text only: the stream has kept the fault itself.
        return self._out.fault or found


class OpeningStream(io.RawIOBase):
    """The bytes of a sealed file, decrypted. Every byte that it gives is authenticated.

    Raises OSError without a number if the file is damaged or cut, and WrongKeyError.
    """

    def __init__(self, sealed: IO[bytes], keys: SealKeys) -> None:
        super().__init__()
        ours, theirs = _pipe(write=False)
        self._pipe = _Pipe(lambda end: _decrypt(sealed, end, keys), ours, theirs, "wb")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read some bytes; 0 at the end of a file that is whole."""
        view = memoryview(buffer).cast("B")
        found = os.readv(self._pipe.fd, [view]) if len(view) else 0
        if found == 0 and len(view) and (fault := self._pipe.join()):
            raise fault
        return found

    def close(self) -> None:
        """Stop; what was not read is not checked."""
        if not self.closed:
            super().close()
            os.close(self._pipe.fd)
            self._pipe.join()


class _Noting:
    """Keeps the fault of a stream that pyrage writes to."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.fault = out, None

    fault: BaseException | None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(data)
        except BaseException as error:
            self.fault = error
            raise

    def flush(self) -> None:
        """Left to who opened the stream."""


def _pipe(*, write: bool) -> tuple[int, int]:
    """The caller's end and the thread's."""
    read_end, write_end = os.pipe()
    return (write_end, read_end) if write else (read_end, write_end)


def _encrypt(plain: IO[bytes], out: _Noting, keys: SealKeys) -> None:
    import pyrage

    pyrage.encrypt_io(plain, out, [keys.recipient])


def _decrypt(sealed: IO[bytes], out: IO[bytes], keys: SealKeys) -> None:
    import pyrage

    try:
        pyrage.decrypt_io(sealed, out, list(keys.identities))
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise WrongKeyError(str(error)) from error
        raise OSError(f"age: {error}") from error
