"""The mart functions that compare addresses and names of organisations in one spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.marts.functions.function_api import FunctionSet

if TYPE_CHECKING:
    import duckdb


class AddressFunctions(FunctionSet):
    """Keys by which Chinese addresses and names are compared; null where nothing comparable is written.

    Equal keys are a reason to join inside one city, where roads have different names; they are no proof.
    """

    signatures = {
        "address_key": "(address VARCHAR) -> VARCHAR",
        "street_key": "(address VARCHAR) -> VARCHAR",
        "organisation_key": "(name VARCHAR) -> VARCHAR",
    }

    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """See :func:`register_address_functions`."""
        from citylake.pipelines.marts.functions.address_sql import register_address_functions

        register_address_functions(connection)
