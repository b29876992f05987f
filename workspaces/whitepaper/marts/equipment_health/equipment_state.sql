-- The condition is that of the newest reading while the machine ran; the limits are those in force on that day.
WITH running AS (
    SELECT
        asset_code,
        max(observed_at) AS observed_at,
        arg_max(vibration_mms, observed_at) AS vibration_mms,
        arg_max(bearing_temperature_degc, observed_at) AS bearing_temperature_degc
    FROM assets.equipment_telemetry
    WHERE operating_state = '1'
    GROUP BY asset_code
),

counted AS (
    SELECT asset_code, max(running_hours_h) AS running_hours_h
    FROM assets.equipment_telemetry
    GROUP BY asset_code
),

as_of AS (
    SELECT max(_day) AS day FROM assets.equipment_telemetry
),

orders AS (
    SELECT
        asset_code,
        max(running_hours_h) FILTER (WHERE order_kind = '1' AND closed_on IS NOT NULL) AS serviced_at_h,
        min(running_hours_h) AS first_h,
        count(*) FILTER (WHERE order_kind = '2' AND running_hours_h IS NOT NULL) AS failures,
        count(*) FILTER (WHERE closed_on IS NULL AND due_on < (SELECT day FROM as_of)) AS overdue_orders
    FROM assets.maintenance
    GROUP BY asset_code
),

limits AS (
    SELECT
        machine_class,
        valid_from,
        lead(valid_from) OVER (PARTITION BY machine_class ORDER BY valid_from) AS until,
        limit_ab_mms,
        limit_bc_mms,
        limit_cd_mms
    FROM assets.vibration_limits
)

SELECT
    register.asset_code,
    register.equipment_kind,
    register.machine_class,
    running.observed_at,
    running.vibration_mms,
    CASE
        WHEN running.vibration_mms <= limits.limit_ab_mms THEN 'A'
        WHEN running.vibration_mms <= limits.limit_bc_mms THEN 'B'
        WHEN running.vibration_mms <= limits.limit_cd_mms THEN 'C'
        WHEN running.vibration_mms > limits.limit_cd_mms THEN 'D'
    END AS vibration_zone,
    running.bearing_temperature_degc,
    counted.running_hours_h,
    counted.running_hours_h - orders.serviced_at_h AS hours_since_service_h,
    counted.running_hours_h - orders.serviced_at_h > register.service_interval_h AS service_overdue,
    coalesce(orders.overdue_orders, 0) AS overdue_orders,
    coalesce(orders.failures, 0) AS failures,
    round((counted.running_hours_h - orders.first_h) / nullif(orders.failures, 0), 1) AS mtbf_h
FROM assets.equipment AS register
LEFT JOIN running ON running.asset_code = register.asset_code
LEFT JOIN counted ON counted.asset_code = register.asset_code
LEFT JOIN orders ON orders.asset_code = register.asset_code
LEFT JOIN limits
    ON
        limits.machine_class = register.machine_class
        AND running.observed_at::DATE >= limits.valid_from
        AND (limits.until IS NULL OR running.observed_at::DATE < limits.until)
WHERE register.valid_to IS NULL
