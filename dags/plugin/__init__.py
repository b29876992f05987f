"""The lake's pages inside Airflow. Only wiring lives here: the contents are in ``citylake.pipelines.site``."""
