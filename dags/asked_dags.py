"""Which DAGs a file makes: all for the DAG processor, one for the process of a task, which parses its file anew."""

from __future__ import annotations

from airflow.sdk import get_parsing_context


def is_asked(dag_id: str) -> bool:
    """Whether this process needs the DAG: with thousands of them, making all would cost each task many seconds."""
    asked = get_parsing_context().dag_id
    return asked is None or asked == dag_id
