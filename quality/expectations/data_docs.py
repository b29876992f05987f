"""Runs Great Expectations over Parquet files in DuckDB and writes Data Docs."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import great_expectations as gx

from citylake.quality.duckdb_views import create_parquet_view
from citylake.quality.expectations.buffered_dialect import BUFFERED_URL
from citylake.quality.expectations.expectation_suite import build_suite
from citylake.quality.expectations.offline_site import finish_docs_site
from citylake.quality.expectations.suite_result import ExpectationResult, SuiteResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SITE = "docs"
_TABLE = "standard"


def build_data_docs(
    contract: Contract,
    registry: Registry,
    files: Sequence[str],
    out_dir: Path,
    connection: DuckDBPyConnection,
    database: str,
    *,
    pages: bool = True,
) -> SuiteResult:
    """Validate the files with the contract's suite and write the site; see ``expectation_run.run_expectations``.

    ``pages``: False validates only, and writes nothing.
    """
    for folder in ("validations", "expectations") if pages else ():
        shutil.rmtree(out_dir / folder, ignore_errors=True)
    create_parquet_view(connection, _TABLE, files)
    context = _context(out_dir)
    present = [str(row[0]) for row in connection.execute(f"DESCRIBE {_TABLE}").fetchall()]
    outcome = _run(context, contract, build_suite(contract, registry, present), database)
    validation = _validation(contract, outcome, out_dir)
    if pages:
        context.build_data_docs()
        finish_docs_site(out_dir, contract, validation)
    return validation


def _context(out_dir: Path) -> Any:
    # Great Expectations logs its start-up and deprecations; the command's output is for the data steward.
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    for site in context.get_site_names():
        context.delete_data_docs_site(site)
    context.add_data_docs_site(
        _SITE,
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(out_dir.resolve())},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    return context


def _run(context: Any, contract: Contract, suite: Any, database: str) -> Any:
    source = context.data_sources.add_sql(name="lake", connection_string=f"{BUFFERED_URL}:///:memory:{database}")
    asset = source.add_query_asset(name=contract.dataset, query=f"SELECT * FROM {_TABLE}")
    definition = gx.ValidationDefinition(
        name=contract.dataset,
        data=asset.add_batch_definition_whole_table("all"),
        suite=context.suites.add(suite),
    )
    checkpoint = gx.Checkpoint(
        name=contract.dataset,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": 5},
    )
    outcome = next(iter(checkpoint.run().run_results.values()))
    # An open engine would keep the shared in-memory database, and its memory, alive.
    source.get_engine().dispose()
    return outcome


def _validation(contract: Contract, outcome: Any, out_dir: Path) -> SuiteResult:
    judgements = tuple(map(_expectation_result, outcome.results))
    failed = [judgement for judgement in judgements if not judgement.success]
    return SuiteResult(
        dataset=contract.dataset,
        success=not any(judgement.severity == "critical" for judgement in failed),
        statistics=dict(outcome.statistics),
        judgements=judgements,
        index_html=str(out_dir / "index.html"),
    )


def _expectation_result(result: Any) -> ExpectationResult:
    expectation = result.expectation_config
    about = expectation.kwargs
    listed = ", ".join(about.get("column_list", ()))
    return ExpectationResult(
        kind=expectation.type,
        subject=expectation.description or about.get("column") or listed,
        severity=getattr(expectation.severity, "value", expectation.severity) or "critical",
        success=bool(result.success),
        observed=_observed(result),
    )


def _observed(result: Any) -> str:
    seen: Mapping[str, Any] = result.result or {}
    if errors := _errors(result.exception_info):
        return errors
    if seen.get("unexpected_count"):
        examples = ", ".join(dict.fromkeys(map(_display_value, seen.get("partial_unexpected_list", ()))))
        return f"{seen['unexpected_count']:,} / {seen['element_count']:,}" + (f": {examples}" if examples else "")
    return str(seen.get("observed_value", ""))


def _display_value(value: Any) -> str:
    if value is None:
        return "∅"
    return " / ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def _errors(info: Any) -> str:
    """Return the first lines of the exceptions of failed queries, or an empty string.

    ``info`` is one exception entry, or a mapping from metric to entry.
    """
    entries = info.values() if isinstance(info, Mapping) and "raised_exception" not in info else [info or {}]
    messages = (entry.get("exception_message") for entry in entries if entry.get("raised_exception"))
    return "; ".join(dict.fromkeys(str(message).splitlines()[0] for message in messages if message))
