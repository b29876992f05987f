"""One folder a connector, named as contracts name it; what it must have is in ``pull.connector_api``."""
