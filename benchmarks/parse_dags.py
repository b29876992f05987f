"""``python -m benchmarks.parse_dags HOME [FILE DAG]``: what Airflow does with the folder ``dags``.

Alone, every DAG of the folder is made, as the DAG processor does; with FILE and DAG, that file is parsed as the process
of a task of this DAG does. HOME is Airflow's folder.
"""

from __future__ import annotations

import os
import sys

from benchmarks.measure.program import ROOT


def main(home: str, file: str = "", dag_id: str = "") -> None:
    """Parse, and print how many DAGs were made; ends with 1 if a file could not be parsed."""
    os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
    os.environ["AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT"] = "600"
    os.environ["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = "600"
    from airflow.dag_processing.dagbag import DagBag

    if dag_id:
        os.environ["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = dag_id
    bag = DagBag(ROOT / "dags" / file if file else None)
    print(f"{len(bag.dags)} DAGs", bag.import_errors)
    sys.exit(bool(bag.import_errors) or not bag.dags)


if __name__ == "__main__":
    main(*sys.argv[1:])
