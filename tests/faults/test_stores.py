"""What a store refuses is told to a person, with the place and without a secret."""

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from citylake.pipelines.pull.connectors.files.file_listing import FileListing
from citylake.pipelines.pull.connectors.files.source_file import FileReader
from citylake.pipelines.pull.connectors.files.storage_errors import translate_storage_error
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.schemas.words.errors import CitylakeError

SECRET = "hush-hush"
FAULTS = [
    (PermissionError(errno.EACCES, "Permission denied"), "STORE_REFUSED", False),
    (PermissionError(f"wrong key {SECRET}"), "STORE_REFUSED", False),
    (OSError(errno.EMFILE, "Too many open files"), "FILES_OPEN", False),
    (socket.gaierror(-2, "Name or service not known"), "STORE_UNREACHABLE", True),
    (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "STORE_UNREACHABLE", True),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "STORE_UNREACHABLE", True),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "STORE_BROKE_OFF", True),
    (BrokenPipeError(errno.EPIPE, "Broken pipe"), "STORE_BROKE_OFF", True),
    (ImportError(f"Please install s3fs for s3://user:{SECRET}@host"), "SOURCE_UNREADABLE", False),
]


@pytest.mark.parametrize(("error", "code", "heals"), FAULTS, ids=[str(index) for index in range(len(FAULTS))])
def test_each_fault_has_its_words(error: Exception, code: str, heals: bool) -> None:
    fault = translate_storage_error(error, "sftp://host/x.csv", Credentials(options={"password": SECRET}))
    assert (fault.code, isinstance(fault, TransientError)) == (code, heals)
    for language in ("zh", "en"):
        assert "sftp://host/x.csv" in fault.say(language)
        assert SECRET not in fault.say(language)


@contextmanager
def few_files() -> Iterator[None]:
    """No more files can be opened than are."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd")))
    held = [os.open(os.devnull, os.O_RDONLY)]
    while held[-1] < highest:
        held.append(os.open(os.devnull, os.O_RDONLY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for each in held:
            os.close(each)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only on Linux")
def test_too_many_open_files_are_told_and_no_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x.csv").write_bytes(b"a\n1\n")
    listing = FileListing(str(tmp_path), Credentials(), attempts=1)
    (file,) = listing.matching("in/*.csv")
    with few_files():
        for ask in (lambda: list(listing.matching("**/*.csv")), lambda: FileReader(file).read()):
            with pytest.raises(CitylakeError) as caught:
                ask()
            assert caught.value.code == "FILES_OPEN"
    with FileReader(file) as reading:
        assert reading.read() == b"a\n1\n"
