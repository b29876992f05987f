"""Lets ``pytest`` run the tests beside the SELECTs of marts too: marts/<mart>/<table>.test.yaml."""

from citylake.pipelines.marts.unit.pytest_marts import pytest_collect_file

__all__ = ["pytest_collect_file"]
