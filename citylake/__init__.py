"""A city data lake: every department's data, one meaning each, every row accounted for.

This module is the public API; ``docs/api.md`` shows it, ``docs/compatibility.md`` says what stays as it is. A name is
loaded when it is first used: ``import citylake`` loads no engine and no Airflow, because Airflow parses DAGs with it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citylake._acts import (
        correct,
        correct_value,
        discard_rows,
        export_rows,
        release_rows,
        reopen_rows,
        withdraw_correction,
    )
    from citylake._held import held_batches, reject_batch, release_batch
    from citylake._lake import Lake
    from citylake._run import run
    from citylake._workspace import Workspace
    from citylake.pipelines.flow.run_pipeline import RunOutcome as Outcome
    from citylake.pipelines.history.trace.trace_model import RowTrace
    from citylake.pipelines.marts.functions.function_api import FunctionSet
    from citylake.pipelines.parse.format_api import Format, write_rows
    from citylake.pipelines.parse.read_request import ReadRequest, ReadResult
    from citylake.pipelines.pull.connector_api import (
        Connector,
        ConnectorState,
        Fetch,
        FetchProgress,
        LandedPart,
        NotModifiedError,
        PullContext,
        PullState,
        SourceGuess,
        SourceNotReadyError,
        failed_fetch,
    )
    from citylake.pipelines.pull.http.conditional_get import fetch_document
    from citylake.pipelines.pull.http.http_client import open_http_client
    from citylake.pipelines.pull.http.http_request import HttpRequest
    from citylake.pipelines.read.mart_reader import OpenMart
    from citylake.pipelines.read.quarantine_frame import Quarantine
    from citylake.pipelines.trial.trial_result import TrialOutcome
    from citylake.schemas.lint.lint_finding import LintFinding
    from citylake.schemas.model.formats import SourceFormat
    from citylake.schemas.model.source import HttpBase, SourceBase
    from citylake.schemas.words.errors import CitylakeError, Problem

    __version__: str

__all__ = [
    "CitylakeError",
    "Connector",
    "ConnectorState",
    "Fetch",
    "FetchProgress",
    "Format",
    "FunctionSet",
    "HttpBase",
    "HttpRequest",
    "Lake",
    "LandedPart",
    "LintFinding",
    "NotModifiedError",
    "OpenMart",
    "Outcome",
    "Problem",
    "PullContext",
    "PullState",
    "Quarantine",
    "ReadRequest",
    "ReadResult",
    "RowTrace",
    "SourceBase",
    "SourceFormat",
    "SourceGuess",
    "SourceNotReadyError",
    "TrialOutcome",
    "Workspace",
    "__version__",
    "correct",
    "correct_value",
    "discard_rows",
    "export_rows",
    "failed_fetch",
    "fetch_document",
    "held_batches",
    "open_http_client",
    "reject_batch",
    "release_batch",
    "release_rows",
    "reopen_rows",
    "run",
    "withdraw_correction",
    "write_rows",
]

_NAMES_BY_MODULE = {
    "citylake._acts": (
        "correct",
        "correct_value",
        "discard_rows",
        "export_rows",
        "release_rows",
        "reopen_rows",
        "withdraw_correction",
    ),
    "citylake._held": ("held_batches", "reject_batch", "release_batch"),
    "citylake._lake": ("Lake",),
    "citylake._run": ("run",),
    "citylake._workspace": ("Workspace",),
    "citylake.pipelines.flow.run_pipeline": ("RunOutcome",),
    "citylake.pipelines.history.trace.trace_model": ("RowTrace",),
    "citylake.pipelines.marts.functions.function_api": ("FunctionSet",),
    "citylake.pipelines.parse.format_api": ("Format", "write_rows"),
    "citylake.pipelines.parse.read_request": ("ReadRequest", "ReadResult"),
    "citylake.pipelines.pull.connector_api": (
        "Connector",
        "ConnectorState",
        "Fetch",
        "FetchProgress",
        "LandedPart",
        "NotModifiedError",
        "PullContext",
        "PullState",
        "SourceGuess",
        "SourceNotReadyError",
        "failed_fetch",
    ),
    "citylake.pipelines.pull.http.conditional_get": ("fetch_document",),
    "citylake.pipelines.pull.http.http_client": ("open_http_client",),
    "citylake.pipelines.pull.http.http_request": ("HttpRequest",),
    "citylake.pipelines.read.mart_reader": ("OpenMart",),
    "citylake.pipelines.read.quarantine_frame": ("Quarantine",),
    "citylake.pipelines.trial.trial_result": ("TrialOutcome",),
    "citylake.schemas.lint.lint_finding": ("LintFinding",),
    "citylake.schemas.model.formats": ("SourceFormat",),
    "citylake.schemas.model.source": ("HttpBase", "SourceBase"),
    "citylake.schemas.words.errors": ("CitylakeError", "Problem"),
}
_PUBLIC_NAMES = {"RunOutcome": "Outcome"}
_PLACES = {_PUBLIC_NAMES.get(name, name): (at, name) for at, names in _NAMES_BY_MODULE.items() for name in names}

_FOLDERS = ("dags", "infra", "pipelines", "quality", "schemas")
_LOST = [name for name in _FOLDERS if not os.path.isdir(os.path.join(__path__[0], name))]
if _LOST:
    from citylake._lost_links import lost_links_message

    raise ImportError(lost_links_message(__path__[0], _LOST))

if not TYPE_CHECKING:  # A type checker reads the imports above; with this function it would accept every misspelt name.

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return import_module("importlib.metadata").version("citylake")
        if name not in _PLACES:
            raise AttributeError(f"module 'citylake' has no attribute {name!r}")
        module, own = _PLACES[name]
        value = globals()[name] = getattr(import_module(module), own)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
