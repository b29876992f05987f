-- A store is too warm while two readings or more, one after the other, are above 8 °C. Batches that were in it are named.
WITH readings AS (
    SELECT site_code, observed_at, store_temperature_degc, store_temperature_degc > 8 AS is_warm
    FROM agriculture.store_climate
),

marked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY site_code ORDER BY observed_at)
        - row_number() OVER (PARTITION BY site_code, is_warm ORDER BY observed_at) AS run_no
    FROM readings
),

runs AS (
    SELECT
        site_code,
        min(observed_at) AS began_at,
        max(observed_at) AS ended_at,
        count(*) AS readings,
        max(store_temperature_degc) AS store_temperature_degc
    FROM marked
    WHERE is_warm
    GROUP BY site_code, run_no
    HAVING count(*) >= 2
),

touched AS (
    SELECT runs.site_code, runs.began_at, string_agg(DISTINCT goods.batch_code, '、' ORDER BY goods.batch_code) AS batch_codes
    FROM runs
    JOIN provenance.storage AS goods ON goods.site_code = runs.site_code
    WHERE goods.stored_at <= runs.ended_at AND coalesce(goods.released_at, runs.ended_at) >= runs.began_at
    GROUP BY runs.site_code, runs.began_at
)

SELECT runs.site_code, runs.began_at, runs.ended_at, runs.readings, runs.store_temperature_degc, touched.batch_codes
FROM runs
LEFT JOIN touched ON touched.site_code = runs.site_code AND touched.began_at = runs.began_at
