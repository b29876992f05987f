"""Where every column comes from, as a model that knows neither Airflow nor OpenLineage; and how it is told to them."""
