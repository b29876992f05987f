WITH owned AS (
    SELECT
        asset_code,
        asset_category,
        greatest(acquired_on, register_day - 179) AS first_day,
        -- The day of disposal is no longer owned.
        coalesce(least(disposed_on, register_day + 1), register_day + 1) AS end_day
    FROM assets.event_assets
    WHERE valid_to IS NULL
),

lease_days AS (
    SELECT
        asset_code,
        unnest(generate_series(leased_from::TIMESTAMP, leased_to::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day
    FROM assets.asset_leases
),

days AS (
    SELECT owned.asset_code, count(DISTINCT lease_days.day) AS leased_days
    FROM owned
    JOIN lease_days ON lease_days.asset_code = owned.asset_code
    WHERE lease_days.day >= owned.first_day AND lease_days.day < owned.end_day
    GROUP BY owned.asset_code
),

rents AS (
    SELECT asset_code, count(*) AS leases, sum(rent_cny) AS rent_cny FROM assets.asset_leases GROUP BY asset_code
)

SELECT
    owned.asset_code,
    owned.asset_category,
    (owned.end_day - owned.first_day)::INTEGER AS owned_days,
    coalesce(days.leased_days, 0) AS leased_days,
    coalesce(rents.leases, 0) AS leases,
    coalesce(rents.rent_cny, 0) AS rent_cny
FROM owned
LEFT JOIN days ON days.asset_code = owned.asset_code
LEFT JOIN rents ON rents.asset_code = owned.asset_code
