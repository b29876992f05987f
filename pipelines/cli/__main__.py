"""``python -m citylake.pipelines.cli``."""

from citylake.pipelines.cli import entry

entry()
