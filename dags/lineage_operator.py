"""Tasks that report column lineage to OpenLineage, if its provider is installed and enabled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory

from citylake.pipelines.context import RunContext, Watch

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage

    from citylake.pipelines.lineage.lineage_model import JobLineage
    from citylake.pipelines.records import BatchResult, Publication
    from citylake.schemas.model.contract import Contract
    from citylake.schemas.model.mart import Mart

log = logging.getLogger(__name__)


class TracedOperator(DecoratedOperator, PythonOperator):
    """``@task`` with the methods that OpenLineage's provider calls on a finished operator."""

    custom_operator_name = "@task"
    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    seen: JobLineage | None = None
    """The lineage of what the task did so far."""

    def __init__(self, *, python_callable: Callable[..., Any], op_args: Any, op_kwargs: Any, **kwargs: Any) -> None:
        given = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=given, **given, **kwargs)

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> OperatorLineage[Any, Any] | None:
        """The facets of ``seen``. Called in a forked process, in which nothing that uses threads may run."""
        if self.seen is None:
            return None
        from airflow.providers.openlineage.extractors import OperatorLineage

        from citylake.pipelines.lineage.openlineage_events import build_job_facets
        from citylake.pipelines.lineage.openlineage_facets import to_input_dataset, to_output_dataset

        return OperatorLineage(
            inputs=[to_input_dataset(table) for table in self.seen.inputs],
            outputs=[to_output_dataset(table) for table in self.seen.outputs],
            job_facets=build_job_facets(self.seen),
        )


class OperatorWatch(Watch):
    """Stores on the operator the lineage of its task."""

    def __init__(self, operator: TracedOperator) -> None:
        self._operator = operator

    def dataset_ends(self, context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
        """From the source to the standard table."""
        from citylake.pipelines.lineage.dataset_job import describe_dataset_job

        self._keep(lambda: describe_dataset_job(context, contract, results))

    def mart_ends(self, context: RunContext, mart: Mart, done: Publication) -> None:
        """From the standard tables to the mart's."""
        from citylake.pipelines.lineage.mart_job import describe_mart_job

        self._keep(lambda: describe_mart_job(context, mart, done))

    def _keep(self, told: Callable[[], JobLineage]) -> None:
        if not _openlineage_enabled():
            return
        try:
            self._operator.seen = told()
        except Exception:
            # The data are committed: a failure of the lineage must not fail the task.
            log.exception("no lineage of %s", self._operator.task_id)


def _openlineage_enabled() -> bool:
    try:
        from airflow.providers.openlineage.api.core import is_openlineage_active
    except ImportError:
        return False
    return bool(is_openlineage_active())


def traced_task(function: Callable[..., Any]) -> Any:
    """Like ``@task``: makes a function a task that reports its lineage to OpenLineage."""
    return task_decorator_factory(function, decorated_operator_class=TracedOperator)
