"""The way from bytes to rows that the tests of ``parse`` use."""

from tests.pipelines.parse.conftest import parser

__all__ = ["parser"]
