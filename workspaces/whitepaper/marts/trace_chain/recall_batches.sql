-- A batch that failed its inspection, and all that was made of it: what is to be called back.
WITH failed AS (
    SELECT inspection_no, batch_code, hazard_kind
    FROM provenance.inspections
    WHERE inspection_result = '2'
),

reached AS (
    SELECT inspection_no, batch_code, hazard_kind
    FROM failed
    UNION
    SELECT failed.inspection_no, links.batch_code, failed.hazard_kind
    FROM failed
    JOIN batch_links AS links ON links.ancestor_code = failed.batch_code
),

used AS (
    SELECT input_batch_code AS batch_code, sum(input_quantity_kg) AS kg
    FROM provenance.transformations
    GROUP BY input_batch_code
),

sold AS (
    SELECT batch_code, sum(sold_quantity_kg) AS kg
    FROM provenance.sales
    GROUP BY batch_code
),

stores AS (
    SELECT batch_code, string_agg(DISTINCT site_code, '、' ORDER BY site_code) AS store_codes
    FROM provenance.storage
    WHERE released_at IS NULL
    GROUP BY batch_code
)

SELECT
    reached.inspection_no,
    reached.batch_code,
    reached.hazard_kind,
    register.product_code,
    register.uscc,
    register.batch_quantity_kg,
    coalesce(sold.kg, 0) AS sold_quantity_kg,
    greatest(register.batch_quantity_kg - coalesce(used.kg, 0) - coalesce(sold.kg, 0), 0) AS left_kg,
    stores.store_codes
FROM reached
LEFT JOIN provenance.batches AS register ON register.batch_code = reached.batch_code
LEFT JOIN used ON used.batch_code = reached.batch_code
LEFT JOIN sold ON sold.batch_code = reached.batch_code
LEFT JOIN stores ON stores.batch_code = reached.batch_code
