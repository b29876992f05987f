-- Which shop sold which lot that is to be called back.
SELECT
    recalled.inspection_no,
    recalled.batch_code,
    recalled.hazard_kind,
    sales.site_code,
    sum(sales.sold_quantity_kg) AS sold_quantity_kg,
    min(sales.sold_at) AS first_sold_at,
    max(sales.sold_at) AS last_sold_at
FROM recall_batches AS recalled
JOIN provenance.sales AS sales ON sales.batch_code = recalled.batch_code
GROUP BY recalled.inspection_no, recalled.batch_code, recalled.hazard_kind, sales.site_code
