"""One module a connector, named as contracts name it; each has ``fetches`` (see ``pipelines.pull.connector``)."""
