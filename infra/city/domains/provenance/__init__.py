"""Provenance: food from boats, ponds and fields through processors, carriers and stores to the shops of the city."""

from __future__ import annotations

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.domains.provenance import batches, inspections, sales, shipments, storage, transformations
from citylake.infra.city.domains.provenance.chain_truth import count_broken_links, count_recall_shops

DOMAIN = CityDomain(
    "provenance",
    (
        (batches.generate_batches, batches.write_batches),
        (transformations.generate_transformations, transformations.write_transformations),
        (shipments.generate_shipments, shipments.write_shipments),
        (storage.generate_storage, storage.write_storage),
        (sales.generate_sales, sales.write_sales),
        (inspections.generate_inspections, inspections.write_inspections),
    ),
    {"trace_chain.recall_shops": count_recall_shops, "trace_chain.broken_links": count_broken_links},
    batches.batch_routes,
)
