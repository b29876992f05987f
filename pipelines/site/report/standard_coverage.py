"""Coverage by the standard (落标率): how many fields are bound to elements, and how many values code lists have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.report_ledger import Answer, ReportLedger, answer_entries
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


def field_coverage(contracts: Sequence[Contract], registry: Registry) -> dict[str, int]:
    """Count the fields of sources: ``fields``, ``bound`` to an element, and to one of status ``standard``.

    A field that the contract ignores is known and not bound.
    """
    bound = [registry.elements.get(each.element) for contract in contracts for each in contract.fields.values()]
    ignored = sum(len(contract.ignore) for contract in contracts)
    return {
        "fields": len(bound) + ignored,
        "bound": sum(element is not None for element in bound),
        "standard": sum(element is not None and element.status == "standard" for element in bound),
    }


def code_coverage(ledger: ReportLedger, contracts: Sequence[Contract], registry: Registry, now: datetime) -> Answer:
    """Return ``received`` values of fields with a code list, and ``unknown`` ones that the list does not have."""
    fields = {contract.dataset: count for contract in contracts if (count := _code_fields(contract, registry))}
    return ledger.table(statements.code_values(fields, now))


def coverage_document(
    ledger: ReportLedger, contracts: Sequence[Contract], registry: Registry, now: datetime
) -> dict[str, Any]:
    """Return both shares, each None if there is nothing to count."""
    fields, values = field_coverage(contracts, registry), code_coverage(ledger, contracts, registry, now)
    (counted,) = answer_entries(values)
    received, unknown = counted["received"], counted["unknown"]
    return {
        "fields": fields,
        "field_share": fields["bound"] / fields["fields"] if fields["fields"] else None,
        "values": values,
        "value_share": (received - unknown) / received if received else None,
    }


def _code_fields(contract: Contract, registry: Registry) -> int:
    elements = (registry.elements.get(binding.element) for binding in contract.fields.values())
    return sum(element is not None and element.codes is not None for element in elements)
