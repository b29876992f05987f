"""Who may open the files of a mart: a group of the operating system, and the mode of its folder."""

from __future__ import annotations

from operator import not_
from typing import Annotated

from pydantic import Field, StringConstraints

from citylake.schemas.base.declaration import Declaration

FolderMode = Annotated[str, StringConstraints(pattern=r"^0?7[0-7][0-7]$")]


class ReaderGroup(Declaration):
    """``mode``: of the folder, octal, as ``0750``; files get the same without the right to execute.

    ``group``: the group that the folder belongs to; by default the group of who publishes. ``departments``: the only
    departments whose people are in it; data that is not shared goes to its own department alone.
    """

    mode: FolderMode
    group: str | None = Field(None, min_length=1)

    departments: tuple[str, ...] = Field((), exclude_if=not_)

    @property
    def folder_mode(self) -> int:
        """The mode as a number."""
        return int(self.mode, 8)

    @property
    def file_mode(self) -> int:
        """The mode of files that may be replaced."""
        return self.folder_mode & 0o666

    @property
    def world_readable(self) -> bool:
        """Whether every user of the machine can read the folder."""
        return bool(self.folder_mode & 0o005)
