"""The settings of the connector ``files``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.pipelines.pull.connectors.files.store_limits import DEADLINE_S, TIMEOUT_S
from citylake.schemas.base.declaration import Declaration, Duration
from citylake.schemas.model.source.source_base import SourceBase


class ReadyFlag(Declaration):
    """A file is complete when its flag file exists beside it; until then it is not fetched.

    ``flag: .ok`` is ``data.csv.ok`` or ``data.ok``; ``_SUCCESS`` or ``"*.end"`` is one file for the whole folder.
    """

    flag: str = Field(min_length=1)
    within: Duration = "1d"
    """How long after the file's last change its flag may come; after that, the run reports a fault."""


class ChecksumFile(Declaration):
    """The supplier's checksum beside a file: ``md5: .md5`` (named as flags are), or ``sha256: SHA256SUMS``."""

    md5: str | None = Field(None, min_length=1)
    sha256: str | None = Field(None, min_length=1)
    within: Duration = "1d"
    """How long after the file's last change its checksum may come."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.md5 is None) == (self.sha256 is None):
            raise ValueError("a checksum is either md5 or sha256")
        return self

    @property
    def algorithm(self) -> Literal["md5", "sha256"]:
        """``md5`` or ``sha256``."""
        return "md5" if self.md5 else "sha256"

    @property
    def mark(self) -> str:
        """The name, suffix or pattern of the checksum file."""
        return self.md5 or self.sha256 or ""


class FilesSource(SourceBase):
    """Files by path, glob or URL (``s3://…``, ``sftp://…``, any fsspec scheme); ``member`` picks members of a zip.

    A file's name is its path below the first wildcard. A member's is its path in the zip, after the zip's name and
    ``!`` if ``path`` may match several zips. ``connection`` names the credentials (``CITYLAKE_CONN_<ID>``).
    """

    connector: Literal["files"]
    path: str | tuple[str, ...]
    member: str | None = None
    connection: str | None = None
    ready: ReadyFlag | None = None
    checksum: ChecksumFile | None = None
    quiet: Duration | None = None
    """A file that changed more recently than this may still be growing, and is left to a later run."""
    trust: Literal["etag", "mtime", "bytes"] = "etag"
    """What proves that a file is the committed one, so that it is not read again.

    ``etag``: its ETag, which object stores have; ``mtime``: if there is none, its size and time of change;
    ``bytes``: only its bytes.
    """
    links: Literal["inside", "follow"] = Field("inside", exclude_if=lambda value: value == "inside")
    """Symbolic links in a local folder: ``inside``, a link that leads out of the folder before the first wildcard is
    refused, and a linked folder is not searched; ``follow``, a link may lead to any file that the run can read.
    """
    same_name: Literal["version", "more"] = "version"
    """What new bytes of a committed file are in write mode ``append``: ``version``, a new version of the file,
    whose rows replace the earlier ones; ``more``, additional rows.
    """
    same_bytes: Literal["once", "more"] = Field("once", exclude_if=lambda value: value == "once")
    """What the bytes of a received file under another name are in write mode ``append``: ``once``, the same rows,
    which are reported and not added; ``more``, additional rows. With ``name_fields`` they are the same rows only if
    both names give the same fields.
    """
    attempts: int = Field(4, gt=0)
    """The number of attempts after transient faults of the store."""
    max_bytes: int = Field(50_000_000_000, gt=0)
    """The largest size of a file, or of an unpacked member, bytes."""
    timeout_s: float = Field(TIMEOUT_S, gt=0, exclude_if=lambda value: value == TIMEOUT_S)
    """The longest silence of the store, s; one call with all that it reads ahead may take ten times as long."""
    deadline_s: float = Field(DEADLINE_S, gt=0, exclude_if=lambda value: value == DEADLINE_S)
    """The longest that one pull may take in all, s."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths or patterns."""
        return (self.path,) if isinstance(self.path, str) else self.path

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every path."""
        yield from (("path", path) for path in self.paths)

    @property
    def new_bytes_replace(self) -> bool:
        """As ``same_name`` says."""
        return self.same_name == "version"

    @property
    def same_bytes_repeat(self) -> bool:
        """As ``same_bytes`` says."""
        return self.same_bytes == "once"

    @model_validator(mode="after")
    def _one_store(self) -> Self:
        if any("::" in path and "://" in path for path in self.paths):
            raise ValueError("a chain of file systems (…::…) is not read; member picks files from a zip")
        return self
