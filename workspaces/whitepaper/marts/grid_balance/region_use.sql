-- What a meter counted between two readings, spread evenly over the time between them. A register that falls began at
-- zero again if it was in the last tenth of its capacity before and is in the first tenth now.
WITH steps AS (
    SELECT
        meter_no,
        region_code,
        observed_at AS since,
        lead(observed_at) OVER readings AS until,
        register_kwh,
        lead(register_kwh) OVER readings AS next_kwh,
        register_capacity_kwh,
        meter_multiplier
    FROM energy.meter_readings
    WINDOW readings AS (PARTITION BY meter_no ORDER BY observed_at)
),

used AS (
    SELECT
        meter_no,
        region_code,
        since,
        until,
        CASE
            WHEN next_kwh >= register_kwh THEN (next_kwh - register_kwh) * meter_multiplier
            WHEN register_kwh >= 0.9 * register_capacity_kwh AND next_kwh <= 0.1 * register_capacity_kwh
                THEN (register_capacity_kwh - register_kwh + next_kwh) * meter_multiplier
        END AS kwh,
        -- Some seconds more than a day: clocks of meters drift.
        epoch(until) - epoch(since) > 90000 AS estimated
    FROM steps
    WHERE until IS NOT NULL
),

by_day AS (
    SELECT
        *,
        unnest(generate_series(since::DATE::TIMESTAMP, until::DATE::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day
    FROM used
),

parts AS (
    SELECT
        meter_no,
        region_code,
        day,
        estimated,
        kwh,
        kwh * (
            least(epoch(until), epoch((day + 1)::TIMESTAMPTZ)) - greatest(epoch(since), epoch(day::TIMESTAMPTZ))
        ) / (epoch(until) - epoch(since)) AS part_kwh
    FROM by_day
    WHERE epoch(until) > epoch(day::TIMESTAMPTZ)
)

SELECT
    region_code,
    day,
    round(coalesce(sum(part_kwh), 0), 2) AS electricity_kwh,
    round(coalesce(sum(part_kwh) FILTER (WHERE estimated), 0), 2) AS estimated_kwh,
    count(DISTINCT meter_no) FILTER (WHERE kwh IS NOT NULL) AS meters,
    count(DISTINCT meter_no) FILTER (WHERE kwh IS NULL) AS unexplained_meters
FROM parts
GROUP BY region_code, day
