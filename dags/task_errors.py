"""Faults as Airflow exceptions: retry, or fail until a person has fixed the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue, translate_key


@contextmanager
def airflow_errors() -> Iterator[None]:
    """Raise a fault as Airflow's exception, in both languages.

    A fault of the run may pass and is retried; the same data and declarations would fail again.
    """
    try:
        yield
    except CitylakeError as error:
        words = "\n".join(render_issue(error.code, error.values, language) for language in ("zh", "en"))
        again = error.issue.scope == "run" and error.code != "MART_STOPPED"
        raise (AirflowException if again else AirflowFailException)(words) from error


def fail_task(stopped: Mapping[str, str] | None) -> None:
    """Fail without a retry if there is a reason; the message is in both languages."""
    if stopped:
        raise AirflowFailException("\n".join(stopped.values()))


def bilingual_text(name: str, *, told: Mapping[str, Sequence[str]] | None = None, **values: Any) -> str:
    """A text of the catalogue in both languages, one line each, followed by the texts in ``told``."""
    lines = {language: [translate_key(name, language, **values)] for language in ("zh", "en")}
    return "\n".join(" ".join([*line, *(told or {}).get(language, ())]) for language, line in lines.items())


def lake_run_name(run_id: str | None) -> str:
    """Airflow's run id as the run's name in the lake, where it is part of paths."""
    return re.sub(r"[^0-9A-Za-z._-]+", "-", run_id or "manual")
