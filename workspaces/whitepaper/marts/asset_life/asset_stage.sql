WITH owned AS (
    SELECT asset_code, acquired_on, disposed_on FROM assets.event_assets WHERE valid_to IS NULL
),

events AS (
    SELECT asset_code, acquired_on AS stage_from, '1' AS life_stage FROM owned
    UNION ALL
    SELECT asset_code, leased_from, '2' FROM assets.asset_leases
    UNION ALL
    SELECT asset_code, returned_on, '3' FROM assets.asset_leases
    UNION ALL
    SELECT asset_code, opened_on, '4' FROM assets.maintenance WHERE order_kind = '2'
    UNION ALL
    SELECT asset_code, disposed_on, '5' FROM owned
)

SELECT
    asset_code,
    row_number() OVER life AS stage_no,
    life_stage,
    stage_from,
    lead(stage_from) OVER life AS stage_to
FROM events
WHERE stage_from IS NOT NULL AND asset_code IN (SELECT asset_code FROM owned)
WINDOW life AS (PARTITION BY asset_code ORDER BY stage_from, life_stage)
