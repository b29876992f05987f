"""WHEN it runs: Airflow's wiring, made from the declarations."""
