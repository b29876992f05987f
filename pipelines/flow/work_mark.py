"""A mark in the lake while the bytes of a dataset are processed: a process that dies there leaves it behind.

A fault in native code (a crash, no memory) ends the whole process, and the next one at the same file. The next run sees
by the mark which dataset it was. Without news of a source there is no mark, and nothing is read or written.

Workers of several hosts mark the same dataset. Whether a process of another host runs cannot be asked: it renews its
mark, and one that has not for ``SILENT_S`` is dead. Both times are the store's, so that no clock of a host counts.
"""

from __future__ import annotations

import faulthandler
import json
import os
import socket
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_stored_files

Suspicion = Literal["none", "files", "dataset"]
"""What ended earlier processes: nothing known; one of the files; the dataset, although each file alone is read."""
BEAT_S = 20.0
"""Seconds between two renewals of a mark."""
SILENT_S = 120.0
"""Seconds without renewal after which a process of another host counts as dead."""
NOTE_SUFFIX = ".commit"
_DEATHS = 2
"""Deaths in a row without a trace that make a suspicion: a single one may be a restart of the machine or a person."""
_FATAL = b"Fatal Python error"
_FOLDER = "working"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who processes a dataset: host, boot and process, and the ``deaths`` in a row before."""

    host: str
    boot: str
    pid: int
    began: str
    deaths: int = 0
    tried: bool = False
    """Whether every file was read alone, without a crash, after the last deaths."""
    fatal: bool = field(default=False, compare=False)
    """Whether the process left the trace of a crash in the mark."""

    @property
    def alive(self) -> bool:
        """Whether the process runs, as far as this host knows."""
        return (self.host, self.boot) == (_host(), _boot()) and self.began == _began(self.pid)

    @property
    def near(self) -> bool:
        """Whether it is of this host, which knows its processes."""
        return self.host == _host()

    @property
    def rebooted(self) -> bool:
        """Whether its host was restarted since: a power cut is not the fault of a file."""
        return self.near and self.boot != _boot()


class WorkMark:
    """The mark of one dataset and process, from :meth:`begin` to :meth:`end`."""

    def __init__(self, lake: Lake, dataset: str, run: str) -> None:
        self._lake, self._folder = lake, mark_folder(lake, dataset)
        self._path = f"{self._folder}/{run}-{os.getpid()}.json"
        self._dead: list[str] = []
        self._trace: IO[bytes] | None = None
        self._ended = threading.Event()
        self._renewal: threading.Thread | None = None
        self.deaths, self.tried = 0, False
        self.suspicion: Suspicion = "none"
        self.unfinished: list[str] = []
        """Notes of commits that dead processes may not have finished (``unfinished_commits``)."""

    def begin(self) -> None:
        """Leave the own mark, and judge what earlier processes left."""
        self._write()
        left, self.unfinished = self._left()
        marks = [mark for _, mark in left if not mark.rebooted]
        self._dead = [path for path, _ in left]
        self.deaths = max((mark.deaths + 1 for mark in marks), default=0)
        self.tried = any(mark.tried for mark in marks)
        if self.deaths >= _DEATHS or any(mark.fatal for mark in marks):
            self.suspicion = "dataset" if self.tried else "files"
        if self.deaths or self.tried:
            self._write()
        self._renewal = threading.Thread(target=self._renew, name="work-mark", daemon=True)
        self._renewal.start()

    def note_tried(self) -> None:
        """Every file was read alone: what was left before is settled."""
        self.deaths, self.tried = 0, True
        self._write()
        self._forget_dead()

    def end(self) -> None:
        """Remove the mark and those of dead processes; nothing happens the second time."""
        if self._path:
            self._ended.set()
            if self._renewal is not None:
                self._renewal.join()
            self._close_trace()
            self._forget_dead()
            self._remove(self._path)
            self._path = ""
            if self._lake.local:
                for folder in (self._folder, os.path.dirname(self._folder)):
                    with suppress(OSError):
                        os.rmdir(folder)

    def _renew(self) -> None:
        """Tell other hosts that this process runs, until the end. A renewal that fails is followed by another."""
        while not self._ended.wait(BEAT_S):
            with suppress(Exception):
                if self._lake.local:
                    os.utime(self._path)
                else:
                    self._lake.fs.pipe_file(self._path, self._text())

    def _left(self) -> tuple[list[tuple[str, Mark]], list[str]]:
        """The marks of dead processes with their paths, and the paths of such processes' notes of commits."""
        files = {f"{self._folder}/{each.path}": each.modified for each in list_stored_files(self._lake, self._folder)}
        now, marks, notes = files.pop(self._path, None), list[tuple[str, Mark]](), list[str]()
        for path, renewed in files.items():
            mark = self._read(path) if path.endswith((".json", NOTE_SUFFIX)) else None
            silent = now is not None and (now - renewed).total_seconds() > SILENT_S
            if mark is None or mark.alive or not (mark.near or silent):
                continue
            if path.endswith(NOTE_SUFFIX):
                notes.append(path)
            else:
                marks.append((path, mark))
        return marks, notes

    def _read(self, path: str) -> Mark | None:
        with suppress(FileNotFoundError):
            return _parse_mark(self._lake.fs.cat_file(path))
        return None

    def _text(self) -> bytes:
        return mark_line(self.deaths, tried=self.tried)

    def _write(self) -> None:
        self._close_trace()
        self._lake.makedirs(self._folder)
        if not self._lake.local:
            self._lake.fs.pipe_file(self._path, self._text())
            return
        file = Path(self._path).open("wb", buffering=0)  # noqa: SIM115 (open as long as the dataset is processed)
        file.write(self._text())
        if faulthandler.is_enabled():
            file.close()
        else:
            faulthandler.enable(file, all_threads=False)
            self._trace = file

    def _close_trace(self) -> None:
        if self._trace is not None:
            faulthandler.disable()
            self._trace.close()
            self._trace = None

    def _forget_dead(self) -> None:
        for path in self._dead:
            self._remove(path)
        self._dead = []

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._lake.fs.rm_file(path)


def mark_line(deaths: int = 0, *, tried: bool = False) -> bytes:
    """The first line of what this process leaves in ``working/<dataset>/``."""
    mark = Mark(_host(), _boot(), os.getpid(), _began(os.getpid()), deaths, tried)
    return json.dumps({name: value for name, value in asdict(mark).items() if name != "fatal"}).encode() + b"\n"


def mark_folder(lake: Lake, dataset: str) -> str:
    """Where the marks of a dataset are."""
    return lake.path(_FOLDER, dataset)


def _parse_mark(body: bytes) -> Mark | None:
    line, _, rest = body.partition(b"\n")
    try:
        found: dict[str, Any] = json.loads(line)
        return Mark(**{**found, "fatal": _FATAL in rest})
    except (ValueError, TypeError):
        return None


def _host() -> str:
    return socket.gethostname()


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def _began(pid: int) -> str:
    """When the process began, as its host counts; empty if there is none. Process ids are used again."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    with suppress(OSError):
        os.kill(pid, 0)
        return "runs"
    return ""
