"""The lake within Airflow's own pages: wiring alone, for ``pipelines.pages`` knows what is on them."""
