-- All that is recorded of a batch, in five registers, as one way.
SELECT batch_code, '1' AS way_kind, batch_code AS record_no, made_at AS began_at, NULL::TIMESTAMPTZ AS ended_at,
    uscc AS place_code, batch_quantity_kg AS quantity_kg, NULL::DOUBLE AS highest_temperature_degc
FROM provenance.batches
UNION ALL
SELECT input_batch_code, '2', step_no, processed_at, NULL, output_batch_code, input_quantity_kg, NULL
FROM provenance.transformations
UNION ALL
SELECT batch_code, '3', shipment_no, departed_at, arrived_at, to_site_code, moved_quantity_kg, highest_temperature_degc
FROM provenance.shipments
UNION ALL
SELECT batch_code, '4', storage_no, stored_at, released_at, site_code, moved_quantity_kg, highest_temperature_degc
FROM provenance.storage
UNION ALL
SELECT batch_code, '5', sale_no, sold_at, NULL, site_code, sold_quantity_kg, NULL
FROM provenance.sales
