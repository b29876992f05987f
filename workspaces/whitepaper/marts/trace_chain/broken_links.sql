-- Where the chain breaks, and how: a link between two batches, or a batch alone (related_batch_code is then its own).
WITH links AS (
    SELECT
        input_batch_code,
        output_batch_code,
        min(processed_at) AS processed_at,
        sum(input_quantity_kg) AS input_kg
    FROM provenance.transformations
    GROUP BY input_batch_code, output_batch_code
),

used AS (
    SELECT batch_code, sum(kg) AS kg
    FROM (
        SELECT input_batch_code AS batch_code, input_quantity_kg AS kg FROM provenance.transformations
        UNION ALL
        SELECT batch_code, sold_quantity_kg AS kg FROM provenance.sales
    ) AS taken
    GROUP BY batch_code
),

inputs AS (
    SELECT output_batch_code AS batch_code, sum(input_kg) AS kg
    FROM links
    GROUP BY output_batch_code
)

SELECT links.output_batch_code AS batch_code, links.input_batch_code AS related_batch_code, '1' AS link_problem
FROM links
WHERE NOT EXISTS (SELECT 1 FROM provenance.batches AS register WHERE register.batch_code = links.input_batch_code)
UNION ALL
SELECT links.output_batch_code AS batch_code, links.input_batch_code AS related_batch_code, '2' AS link_problem
FROM links
WHERE NOT EXISTS (SELECT 1 FROM provenance.batches AS register WHERE register.batch_code = links.output_batch_code)
UNION ALL
-- Scales differ by half a per cent.
SELECT register.batch_code, register.batch_code AS related_batch_code, '3' AS link_problem
FROM provenance.batches AS register
JOIN used ON used.batch_code = register.batch_code
WHERE used.kg > register.batch_quantity_kg * 1.005
UNION ALL
SELECT register.batch_code, register.batch_code AS related_batch_code, '4' AS link_problem
FROM provenance.batches AS register
JOIN inputs ON inputs.batch_code = register.batch_code
WHERE register.batch_quantity_kg > inputs.kg * 1.005
UNION ALL
SELECT links.output_batch_code AS batch_code, links.input_batch_code AS related_batch_code, '5' AS link_problem
FROM links
JOIN provenance.batches AS source ON source.batch_code = links.input_batch_code
WHERE links.processed_at < source.made_at
UNION ALL
SELECT links.output_batch_code AS batch_code, links.input_batch_code AS related_batch_code, '6' AS link_problem
FROM links
WHERE EXISTS (
    SELECT 1
    FROM batch_links AS back
    WHERE back.batch_code = links.input_batch_code AND back.ancestor_code = links.output_batch_code
)
UNION ALL
SELECT register.batch_code, register.batch_code AS related_batch_code, '7' AS link_problem
FROM provenance.batches AS register
WHERE
    register.batch_kind = '4'
    AND NOT EXISTS (SELECT 1 FROM links WHERE links.output_batch_code = register.batch_code)
