"""Traces one row of a mart to the standard rows it was made from, and these to what the sources sent."""

from citylake.pipelines.history.trace.trace_model import RowTrace, TableTrace, TracedInput
from citylake.pipelines.history.trace.trace_row import trace_row

__all__ = ["RowTrace", "TableTrace", "TracedInput", "trace_row"]
