-- A batch's origins are the ends of its chain: batches that were made of no other. The share of an origin is the sum,
-- over all ways to it, of the product of the shares of each step. Steps of a ring have no share, and are left out.
WITH RECURSIVE steps AS (
    SELECT steps.output_batch_code, steps.input_batch_code, sum(steps.input_quantity_kg) AS input_kg
    FROM provenance.transformations AS steps
    WHERE NOT EXISTS (
        SELECT 1
        FROM batch_links AS back
        WHERE back.batch_code = steps.input_batch_code AND back.ancestor_code = steps.output_batch_code
    )
    GROUP BY steps.output_batch_code, steps.input_batch_code
),

parts AS (
    SELECT
        output_batch_code,
        input_batch_code,
        input_kg / nullif(sum(input_kg) OVER (PARTITION BY output_batch_code), 0) AS part
    FROM steps
),

walk AS (
    SELECT output_batch_code AS batch_code, input_batch_code AS ancestor_code, part, 1 AS steps
    FROM parts
    UNION ALL
    SELECT walk.batch_code, parts.input_batch_code AS ancestor_code, sum(walk.part * parts.part) AS part, walk.steps + 1 AS steps
    FROM walk
    JOIN parts ON parts.output_batch_code = walk.ancestor_code
    GROUP BY walk.batch_code, parts.input_batch_code, walk.steps
)

SELECT
    walk.batch_code,
    walk.ancestor_code AS origin_batch_code,
    round(sum(walk.part) * 100, 2) AS origin_share_pct,
    min(walk.steps)::BIGINT AS steps,
    EXISTS (SELECT 1 FROM provenance.batches AS register WHERE register.batch_code = walk.ancestor_code) AS is_registered
FROM walk
WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.output_batch_code = walk.ancestor_code)
GROUP BY walk.batch_code, walk.ancestor_code
