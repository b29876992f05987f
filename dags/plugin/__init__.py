"""The lake within Airflow's own pages: wiring alone, for ``citylake.pipelines.site`` knows what is on them."""
