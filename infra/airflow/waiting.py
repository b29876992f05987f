"""Waiting for Airflow: says for what, is not ended by one slow answer, and ends with a sentence that names the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from citylake.infra.airflow.airflow_api import BusyError
from citylake.infra.airflow.child_process import Process
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

T = TypeVar("T")
Teller = Callable[..., None]
"""Prints the message of a key below ``airflow.`` with its values; one may be a text in both languages."""
_PAUSE_S = 0.2


class Watched(Protocol):
    """A process, or several that are one service."""

    @property
    def log(self) -> Path:
        """The file with the output."""

    def ended(self) -> Process | None:
        """The process that has ended by itself, or None."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits while ``watched`` runs; every ``repeat_s`` seconds, ``tell`` reports what for."""

    watched: Watched
    tell: Teller
    repeat_s: float = 30.0

    def until(
        self, what: str, ask: Callable[[], T | None], within_s: float, log: Path | None = None, **values: object
    ) -> T:
        """The first answer of ``ask`` that is true; one that fails for now (BusyError) is asked again.

        ``what`` names the message ``airflow.what_<what>``, ``log`` the file to read. Raises
        SERVICE_STOPPED if a process ends instead, and AIRFLOW_TOO_SLOW after ``within_s`` seconds.
        """
        began = told = time.monotonic()
        named = {each: translate_key(f"airflow.what_{what}", each, **values) for each in ("zh", "en")}
        why = "—"
        while True:
            try:
                if answer := ask():
                    return answer
            except BusyError as error:
                why = str(error.values.get("why", "")) or "—"
            if ended := self.watched.ended():
                raise stopped(ended)
            now = time.monotonic()
            said = {"seconds": round(now - began), "log": str(log or self.watched.log), "what": named}
            if now - began > within_s:
                raise CitylakeError("AIRFLOW_TOO_SLOW", **said, why=why)
            if now - told > self.repeat_s:
                told = now
                self.tell("airflow.waiting", **said)
            time.sleep(_PAUSE_S)


def wait_for_end(process: Process, tell: Teller, what: str, within_s: float) -> None:
    """Wait until the process ends, and stop it in any case; raises SERVICE_STOPPED unless its exit code is 0."""
    try:
        Waiting(process, tell).until(what, lambda: process.code is not None, within_s)
        if process.code != 0:
            raise stopped(process)
    finally:
        process.kill()


def stopped(process: Process) -> CitylakeError:
    """The error for a process that has ended by itself."""
    return CitylakeError("SERVICE_STOPPED", service=process.name, log=str(process.log), why=process.last_words())
