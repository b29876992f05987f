-- Every batch with all that it was made of. UNION keeps each pair once, so that rings of batches end too.
WITH RECURSIVE links AS (
    SELECT output_batch_code AS batch_code, input_batch_code AS ancestor_code
    FROM provenance.transformations
    UNION
    SELECT links.batch_code, steps.input_batch_code AS ancestor_code
    FROM links
    JOIN provenance.transformations AS steps ON steps.output_batch_code = links.ancestor_code
)

SELECT batch_code, ancestor_code, batch_code = ancestor_code AS is_ring
FROM links
