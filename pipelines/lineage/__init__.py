"""Column lineage: a model independent of Airflow and OpenLineage, and its translation to OpenLineage events."""
