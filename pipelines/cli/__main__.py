"""``python -m pipelines.cli``."""

from pipelines.cli import entry

entry()
